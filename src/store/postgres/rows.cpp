#include "store/postgres/rows.hpp"

#include <algorithm>

namespace pulse::store::postgres {
namespace {

const Statement facts{
    "SELECT getdatabaseencoding() = 'UTF8'"
    " AND EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu'),"
    " (SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('users')"
    "  AND attname IN ('created_at', 'updated_at') AND NOT attisdropped) = 2,"
    " EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('business_metrics')"
    "  AND attname IN ('views_count', 'clicks_count', 'property_invites_count', 'declined_count',"
    "                  'messages_count', 'qfps_submitted_count') AND atttypid = 'integer'::regtype)"};

}  // namespace

Business to_business(const Rows& rows, int row) {
    Business business;
    business.id = to_id<BusinessId>(rows.text(row, 0));
    business.user_id = to_id<UserId>(rows.text(row, 1));
    business.name = mend_utf8(std::string(rows.text(row, 2)));
    if (auto logo = rows.maybe(row, 3)) business.logo_url = mend_utf8(std::move(*logo));
    business.category = mend_utf8(std::string(rows.text(row, 4)));
    business.status = parse_status(rows.text(row, 5)).value_or(BusinessStatus::pending_verification);
    business.is_verified = rows.flag(row, 6);
    business.stealth_mode_enabled = rows.flag(row, 7);
    business.created_at = sql::parse_time(rows.text(row, 8));
    business.updated_at = sql::parse_time(rows.text(row, 9));
    return business;
}

Counts to_counts(const Rows& rows, int row, int column) {
    return {rows.integer(row, column),     rows.integer(row, column + 1), rows.integer(row, column + 2),
            rows.integer(row, column + 3), rows.integer(row, column + 4), rows.integer(row, column + 5)};
}

std::string ids_array(const std::vector<UserId>& ids) {
    return array_of(ids, [](UserId id) { return id.to_string(); });
}
std::string ids_array(const std::vector<BusinessId>& ids) {
    return array_of(ids, [](BusinessId id) { return id.to_string(); });
}

Facts facts_of(Connection& connection) {
    const auto rows = connection.query(facts);
    constexpr std::int64_t largest_integer = 2'147'483'647;
    return {rows.flag(0, 0), rows.flag(0, 1),
            rows.flag(0, 2) ? std::min(largest_integer, counter_limit) : counter_limit};
}

}  // namespace pulse::store::postgres
