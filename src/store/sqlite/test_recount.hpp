#pragma once
// For tests: counts everything again with plain SQL and compares it with what the triggers keep.
#include <string>
#include <utility>

#include "store/sqlite/test_database.hpp"

namespace pulse::store::sqlite {

// Recounts everything and compares. Returns what differs; empty: nothing.
inline std::string disagreement(PlainSql& sql) {
    const std::pair<const char*, const char*> twins[] = {
        {"SELECT user_id, active_businesses, invites, views, messages FROM tenant_kpis"
         " WHERE active_businesses <> 0 OR invites <> 0 OR views <> 0 OR messages <> 0 ORDER BY 1",
         "SELECT * FROM (SELECT b.user_id, (SELECT count(*) FROM businesses x WHERE x.user_id = b.user_id AND"
         " x.status = 'active') AS a, coalesce(sum(property_invites_count), 0) AS i,"
         " coalesce(sum(views_count), 0) AS v, coalesce(sum(messages_count), 0) AS m FROM businesses b"
         " LEFT JOIN business_metrics m ON m.business_id = b.id GROUP BY b.user_id)"
         " WHERE a <> 0 OR i <> 0 OR v <> 0 OR m <> 0 ORDER BY 1"},
        {"SELECT business_id, user_id, active, views, clicks, invites, declined, messages, qfps"
         " FROM business_totals ORDER BY 1",
         "SELECT b.id, b.user_id, b.status = 'active', coalesce(sum(views_count), 0),"
         " coalesce(sum(clicks_count), 0), coalesce(sum(property_invites_count), 0),"
         " coalesce(sum(declined_count), 0), coalesce(sum(messages_count), 0),"
         " coalesce(sum(qfps_submitted_count), 0)"
         " FROM businesses b LEFT JOIN business_metrics m ON m.business_id = b.id GROUP BY b.id ORDER BY 1"},
        {"SELECT * FROM tenant_days WHERE views <> 0 OR clicks <> 0 OR invites <> 0 OR declined <> 0"
         " OR messages <> 0 OR qfps <> 0 ORDER BY 1, 2",
         "SELECT * FROM (SELECT user_id, metric_date, sum(views_count) AS v, sum(clicks_count) AS c,"
         " sum(property_invites_count) AS i, sum(declined_count) AS d, sum(messages_count) AS m,"
         " sum(qfps_submitted_count) AS q FROM business_metrics JOIN businesses b ON b.id = business_id"
         " GROUP BY 1, 2) WHERE v <> 0 OR c <> 0 OR i <> 0 OR d <> 0 OR m <> 0 OR q <> 0 ORDER BY 1, 2"},
        // The number of changes is the version, and the log ends at it.
        {"SELECT user_id, version, version FROM tenant_kpis ORDER BY 1",
         "SELECT user_id, count(*), max(version) FROM tenant_changes GROUP BY user_id ORDER BY 1"},
        // The last word of the log on each business of each owner is what the table says.
        {"SELECT c.business_id, c.business FROM tenant_changes c WHERE kind <> 'metrics_updated'"
         " AND kind <> 'business_deleted' AND seq = (SELECT max(seq) FROM tenant_changes l"
         " WHERE l.business_id = c.business_id AND l.user_id = c.user_id AND l.kind <> 'metrics_updated')"
         " ORDER BY 1",
         "SELECT id, json_object('id', id, 'user_id', user_id, 'name', name, 'logo_url', logo_url, "
         "'category',"
         " category, 'status', status, 'is_verified', json(iif(is_verified, 'true', 'false')),"
         " 'stealth_mode_enabled', json(iif(stealth_mode_enabled, 'true', 'false')), 'created_at', "
         "created_at,"
         " 'updated_at', updated_at) FROM businesses ORDER BY 1"},
        {"SELECT count(*) FROM business_metrics WHERE business_id NOT IN (SELECT id FROM businesses)",
         "SELECT 0"},
    };
    for (const auto& [kept, counted] : twins) {
        const auto left = sql.rows(kept);
        const auto right = sql.rows(counted);
        if (left == right) continue;
        std::string text = std::string(kept) + "\n";
        for (const auto* rows : {&left, &right}) {
            for (const auto& row : *rows) {
                for (const auto& cell : row) text += cell + " ";
                text += "\n";
            }
            text += "--\n";
        }
        return text;
    }
    return "";
}

}  // namespace pulse::store::sqlite
