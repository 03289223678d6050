#pragma once
// For tests: counts everything again with plain SQL and compares it with what the triggers keep.
#include <string>
#include <utility>

#include "store/postgres/test_server.hpp"

namespace pulse::store::postgres {

// Returns what differs; empty: nothing. `log`: the log goes back to the first change.
enum class Log { complete, begins_later };
inline std::string disagreement(PlainSql& sql, Log log = Log::complete) {
    const std::string sums =
        "coalesce(sum(views_count), 0), coalesce(sum(clicks_count), 0),"
        " coalesce(sum(property_invites_count), 0), coalesce(sum(declined_count), 0),"
        " coalesce(sum(messages_count), 0), coalesce(sum(qfps_submitted_count), 0)";
    const std::pair<std::string, std::string> twins[] = {
        {"SELECT user_id, active_businesses, invites, views, messages FROM pulseboard.tenant_kpis"
         " WHERE active_businesses <> 0 OR invites <> 0 OR views <> 0 OR messages <> 0 ORDER BY 1",
         "SELECT * FROM (SELECT b.user_id, (SELECT count(*) FROM businesses x WHERE x.user_id = b.user_id AND"
         " x.status = 'active') AS a, coalesce(sum(property_invites_count), 0) AS i,"
         " coalesce(sum(views_count), 0) AS v, coalesce(sum(messages_count), 0) AS m FROM businesses b"
         " LEFT JOIN business_metrics m ON m.business_id = b.id GROUP BY b.user_id) AS counted"
         " WHERE a <> 0 OR i <> 0 OR v <> 0 OR m <> 0 ORDER BY 1"},
        {"SELECT business_id, user_id, active, views, clicks, invites, declined, messages, qfps"
         " FROM pulseboard.business_totals ORDER BY 1",
         "SELECT b.id, b.user_id, (b.status IS NOT DISTINCT FROM 'active')::integer, " + sums +
             " FROM businesses b LEFT JOIN business_metrics m ON m.business_id = b.id GROUP BY b.id ORDER BY "
             "1"},
        {"SELECT user_id, day, views, clicks, invites, declined, messages, qfps FROM pulseboard.tenant_days"
         " WHERE views <> 0 OR clicks <> 0 OR invites <> 0 OR declined <> 0 OR messages <> 0 OR qfps <> 0"
         " ORDER BY 1, 2",
         "SELECT user_id, metric_date, " + sums +
             " FROM business_metrics JOIN businesses b ON b.id = business_id GROUP BY 1, 2"
             " HAVING sum(views_count) <> 0 OR sum(clicks_count) <> 0 OR sum(property_invites_count) <> 0"
             " OR sum(declined_count) <> 0 OR sum(messages_count) <> 0 OR sum(qfps_submitted_count) <> 0"
             " ORDER BY 1, 2"},
        // The number of changes is the version, and the log ends at it.
        {log == Log::complete ? "SELECT user_id, version, version FROM pulseboard.tenant_kpis"
                                " WHERE version > 0 ORDER BY 1"
                              : "SELECT 0 WHERE false",
         log == Log::complete ? "SELECT user_id, count(*), max(version) FROM pulseboard.tenant_changes"
                                " GROUP BY user_id ORDER BY 1"
                              : "SELECT 0 WHERE false"},
        // The last word of the log on each business of each owner is what the table says.
        {log == Log::complete
             ? "SELECT business_id, business ->> 'name', business ->> 'status', business ->> 'created_at' "
               "FROM"
               " (SELECT DISTINCT ON (user_id, business_id) * FROM pulseboard.tenant_changes"
               " WHERE kind <> 'metrics_updated' ORDER BY user_id, business_id, version DESC) AS last"
               " WHERE kind <> 'business_deleted' ORDER BY 1"
             : "SELECT 0 WHERE false",
         log == Log::complete ? "SELECT id, name, status, to_char(created_at,"
                                " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM businesses ORDER BY 1"
                              : "SELECT 0 WHERE false"},
        {"SELECT (SELECT count(*) FROM pulseboard.metric_notes) + (SELECT count(*) FROM"
         " pulseboard.business_notes) + (SELECT count(*) FROM pulseboard.tickets)",
         "SELECT 0"},
    };
    for (const auto& [kept, counted] : twins) {
        const auto left = sql.rows(kept);
        const auto right = sql.rows(counted);
        if (left == right) continue;
        std::string text = kept + "\n";
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

}  // namespace pulse::store::postgres
