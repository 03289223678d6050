#include "store/sqlite/rows.hpp"

namespace pulse::store::sqlite {

std::int64_t to_milliseconds(WallTime time) { return time.time_since_epoch().count(); }

Business to_business(BusinessColumns& row) {
    auto& [id, user_id, name, logo_url, category, status, verified, stealth, created_at, updated_at] = row;
    Business business;
    business.id = to_id<BusinessId>(id);
    business.user_id = to_id<UserId>(user_id);
    business.name = mend_utf8(std::move(name));
    if (logo_url) business.logo_url = mend_utf8(std::move(*logo_url));
    business.category = mend_utf8(std::move(category));
    business.status = parse_status(status).value_or(BusinessStatus::pending_verification);
    business.is_verified = verified != 0;
    business.stealth_mode_enabled = stealth != 0;
    business.created_at = parse_time(created_at);
    business.updated_at = parse_time(updated_at);
    return business;
}

Counts to_counts(const CountColumns& row) {
    Counts counts;
    std::tie(counts.views, counts.clicks, counts.invites, counts.declined, counts.messages, counts.qfps) =
        row;
    return counts;
}

}  // namespace pulse::store::sqlite
