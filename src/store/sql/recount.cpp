#include "store/sql/recount.hpp"

namespace pulse::store::sql {
namespace {

constexpr char six_sums[] =
    "coalesce(sum(m.views_count), 0) AS views, coalesce(sum(m.clicks_count), 0) AS clicks,"
    " coalesce(sum(m.property_invites_count), 0) AS invites, coalesce(sum(m.declined_count), 0) AS declined,"
    " coalesce(sum(m.messages_count), 0) AS messages, coalesce(sum(m.qfps_submitted_count), 0) AS qfps";
constexpr char six[] = "views, clicks, invites, declined, messages, qfps";
constexpr char not_all_zero[] =
    "(views <> 0 OR clicks <> 0 OR invites <> 0 OR declined <> 0 OR messages <> 0 OR qfps <> 0)";

// `whose` narrows it to one tenant.
std::string counted_businesses(const std::string& whose) {
    return std::string(
               "SELECT b.id AS business_id, b.user_id, CASE WHEN CAST(b.status AS text) = 'active' THEN 1 "
               "ELSE 0"
               " END AS active, ") +
           six_sums + " FROM businesses b LEFT JOIN business_metrics m ON m.business_id = b.id WHERE " +
           whose + " GROUP BY b.id, b.user_id, b.status";
}
std::string counted_days(const std::string& whose) {
    return std::string("SELECT b.user_id, m.metric_date AS day, ") + six_sums +
           " FROM business_metrics m JOIN businesses b ON b.id = m.business_id"
           " WHERE m.metric_date IS NOT NULL AND " +
           whose + " GROUP BY b.user_id, m.metric_date";
}
constexpr char everybody[] = "b.user_id IS NOT NULL";
constexpr char totals_columns[] =
    "business_id, user_id, active, views, clicks, invites, declined, messages, qfps";

// Those in one of two tables of the same columns but not in the other.
std::string users_of_one_only(const std::string& left, const std::string& right) {
    return "SELECT user_id FROM (" + left + " EXCEPT " + right + ") AS l UNION SELECT user_id FROM (" +
           right + " EXCEPT " + left + ") AS r";
}

}  // namespace

std::string differences() {
    const std::string day_columns = std::string("SELECT user_id, day, ") + six;
    const std::string all_totals = std::string("SELECT ") + totals_columns;
    return "WITH counted AS (" + counted_businesses(everybody) +
           "), tenant AS (SELECT user_id, sum(active) AS active_businesses, sum(invites) AS invites,"
           " sum(views) AS views, sum(messages) AS messages FROM counted GROUP BY user_id), days AS (" +
           counted_days(everybody) + "), wrong AS (" +
           users_of_one_only(
               "SELECT user_id, active_businesses, invites, views, messages FROM tenant_kpis"
               " WHERE active_businesses <> 0 OR invites <> 0 OR views <> 0 OR messages <> 0",
               "SELECT user_id, active_businesses, invites, views, messages FROM tenant"
               " WHERE active_businesses <> 0 OR invites <> 0 OR views <> 0 OR messages <> 0") +
           " UNION " + users_of_one_only(all_totals + " FROM business_totals", all_totals + " FROM counted") +
           " UNION " +
           users_of_one_only(day_columns + " FROM tenant_days WHERE " + not_all_zero,
                             day_columns + " FROM days WHERE " + not_all_zero) +
           ") SELECT w.user_id, coalesce(k.active_businesses, 0), coalesce(k.invites, 0),"
           " coalesce(k.views, 0), coalesce(k.messages, 0), coalesce(k.version, 0),"
           " coalesce(t.active_businesses, 0), coalesce(t.invites, 0), coalesce(t.views, 0),"
           " coalesce(t.messages, 0) FROM wrong w LEFT JOIN tenant_kpis k ON k.user_id = w.user_id"
           " LEFT JOIN tenant t ON t.user_id = w.user_id ORDER BY w.user_id";
}

std::vector<std::string> corrections(UserId user) {
    const auto id = "'" + user.to_string() + "'";
    const auto whose = "b.user_id = " + id;
    const auto counted = counted_businesses(whose);
    const std::string wrong_totals = "SELECT " + std::string(totals_columns) + " FROM (" + counted +
                                     ") AS c EXCEPT SELECT " + totals_columns + " FROM business_totals";
    // The businesses whose sums were wrong; else any, and without one a deletion of none.
    const std::string log =
        "INSERT INTO tenant_changes (user_id, version, kind, business_id) WITH wrong AS (" + wrong_totals +
        "), told AS (SELECT business_id, 'metrics_updated' AS kind FROM wrong"
        " UNION ALL SELECT id, 'metrics_updated' FROM (SELECT id FROM businesses WHERE user_id = " +
        id +
        " AND NOT EXISTS (SELECT 1 FROM wrong) ORDER BY id LIMIT 1) AS one"
        " UNION ALL SELECT '" +
        UserId{}.to_string() +
        "', 'business_deleted' WHERE NOT EXISTS (SELECT 1 FROM businesses WHERE user_id = " + id +
        ")) SELECT " + id + ", coalesce((SELECT version FROM tenant_kpis WHERE user_id = " + id +
        "), 0) + row_number() OVER (ORDER BY business_id), kind, business_id FROM told";
    return {
        log,
        "DELETE FROM business_totals WHERE user_id = " + id +
            " OR business_id IN (SELECT id FROM businesses WHERE user_id = " + id + ")",
        "INSERT INTO business_totals (" + std::string(totals_columns) + ") SELECT " + totals_columns +
            " FROM (" + counted + ") AS c",
        "DELETE FROM tenant_days WHERE user_id = " + id,
        "INSERT INTO tenant_days (user_id, day, " + std::string(six) + ") " + counted_days(whose),
        "INSERT INTO tenant_kpis (user_id, active_businesses, invites, views, messages, version) SELECT " +
            id +
            ", coalesce(sum(active), 0), coalesce(sum(invites), 0), coalesce(sum(views), 0),"
            " coalesce(sum(messages), 0), (SELECT max(version) FROM tenant_changes WHERE user_id = " +
            id + ") FROM business_totals WHERE user_id = " + id +
            " ON CONFLICT (user_id) DO UPDATE SET active_businesses = excluded.active_businesses,"
            " invites = excluded.invites, views = excluded.views, messages = excluded.messages,"
            " version = excluded.version"};
}

}  // namespace pulse::store::sql
