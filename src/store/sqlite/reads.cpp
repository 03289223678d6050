#include "store/sqlite/reads.hpp"

#include "store/sql/change_log.hpp"
#include "store/sqlite/casefold.hpp"
#include "store/sqlite/schema.hpp"
#include "store/store.hpp"

namespace pulse::store::sqlite {
namespace {

DayCounts to_day(const Out<Text, Integer, Integer, Integer, Integer, Integer, Integer>& row) {
    const auto& [day, views, clicks, invites, declined, messages, qfps] = row;
    return {parse_date(day), to_counts({views, clicks, invites, declined, messages, qfps})};
}

const std::string page_filter =
    " FROM businesses WHERE user_id = :user AND (:status = '' OR status = ?2)"
    " AND (:search = '' OR instr(pulse_fold(name), ?3) > 0)";

}  // namespace

Reads::Reads(const ConnectionSettings& settings)
    : connection_(settings),
      sessions_(connection_),
      kpis_(connection_,
            "SELECT active_businesses, invites, views, messages, version FROM tenant_kpis WHERE user_id = "
            ":user"),
      changes_(connection_,
               "SELECT version, kind, business_id, business FROM tenant_changes"
               " WHERE user_id = :user AND version > :after ORDER BY version"),
      totals_(connection_,
              "SELECT views, clicks, invites, declined, messages, qfps FROM business_totals"
              " WHERE business_id = :id AND user_id = :user"),
      page_(connection_, std::string("SELECT ") + business_columns + page_filter +
                             " ORDER BY created_at DESC, id LIMIT :limit OFFSET :offset"),
      page_total_(connection_, "SELECT count(*)" + page_filter),
      business_(connection_, std::string("SELECT ") + business_columns +
                                 " FROM businesses WHERE id = :id AND user_id = :user"),
      history_(connection_,
               "SELECT metric_date, sum(views_count), sum(clicks_count), sum(property_invites_count),"
               " sum(declined_count), sum(messages_count), sum(qfps_submitted_count) FROM business_metrics"
               " WHERE business_id = :id AND metric_date BETWEEN :from AND :to"
               " GROUP BY metric_date ORDER BY metric_date DESC"),
      days_(connection_,
            "SELECT day, views, clicks, invites, declined, messages, qfps FROM tenant_days"
            " WHERE user_id = :user AND day BETWEEN :from AND :to"
            " AND (views <> 0 OR clicks <> 0 OR invites <> 0 OR declined <> 0 OR messages <> 0 OR qfps <> 0)"
            " ORDER BY day"),
      user_(connection_, "SELECT id, email, password_hash, role FROM users WHERE email = :email"),
      schema_(connection_, "SELECT coalesce(max(version), 0) FROM schema_migrations") {}

TenantKpis Reads::kpis_of(const Text& user) {
    TenantKpis kpis;
    if (const auto row = kpis_.one(user)) {
        const auto& [active, invites, views, messages, version] = *row;
        kpis = {active, invites, views, messages, Version(version)};
    }
    return kpis;
}

Result<TenantKpis> Reads::tenant_kpis(UserId user) { return kpis_of(user.to_string()); }

Result<TenantState> Reads::tenant_state(UserId user, std::optional<Version> after, std::int64_t businesses) {
    const Transaction transaction(connection_, Transaction::Kind::read);
    const auto id = user.to_string();
    TenantState state;
    state.kpis = kpis_of(id);
    if (after) changes_after(id, *after, state);
    if (businesses > 0) {
        BusinessQuery first;
        first.limit = businesses;
        auto page = page_of(id, first);
        state.businesses = std::move(page.businesses);
        state.businesses_total = page.total;
    }
    return state;
}

void Reads::changes_after(const Text& user, Version after, TenantState& state) {
    if (after >= state.kpis.version) {
        // Newer than anything here: the asker followed another database, or one that was since restored.
        state.complete = after == state.kpis.version;
        return;
    }
    sql::ChangeLog log(after);
    changes_.each(
        [&](auto& row) {
            const auto& [version, kind, business_id, business] = row;
            return log.take(Version(version), kind, business_id,
                            business ? std::optional<std::string>(*business) : std::nullopt);
        },
        user, Integer(after));
    log.finish(state);
    for (const auto& id : log.with_metrics()) {
        if (const auto totals = totals_.one(id.to_string(), user))
            state.totals.push_back({id, to_counts(*totals)});
    }
}

Result<std::vector<std::pair<UserId, Version>>> Reads::versions(const std::vector<UserId>& users) {
    const Transaction transaction(connection_, Transaction::Kind::read);
    std::vector<std::pair<UserId, Version>> all;
    all.reserve(users.size());
    for (const auto& user : users) all.emplace_back(user, kpis_of(user.to_string()).version);
    return all;
}

BusinessPage Reads::page_of(const Text& user, const BusinessQuery& query) {
    const Text status(query.status ? to_string(*query.status) : "");
    const auto search = casefold(query.search);
    BusinessPage page;
    page_.each([&](auto& row) { page.businesses.push_back(to_business(row)); }, user, status, search,
               query.limit, query.offset);
    page.total = std::get<0>(*page_total_.one(user, status, search));
    return page;
}

Result<BusinessPage> Reads::businesses(UserId owner, const BusinessQuery& query) {
    const Transaction transaction(connection_, Transaction::Kind::read);
    return page_of(owner.to_string(), query);
}

Result<Business> Reads::business(UserId owner, BusinessId id) {
    auto row = business_.one(id.to_string(), owner.to_string());
    if (!row) return sql::no_business();
    return to_business(*row);
}

Result<BusinessMetrics> Reads::metrics(UserId owner, BusinessId id, Date from, Date to) {
    const Transaction transaction(connection_, Transaction::Kind::read);
    const auto totals = totals_.one(id.to_string(), owner.to_string());
    if (!totals) return sql::no_business();
    BusinessMetrics metrics;
    metrics.totals = to_counts(*totals);
    history_.each([&](auto& row) { metrics.history.push_back(to_day(row)); }, id.to_string(), to_text(from),
                  to_text(to));
    return metrics;
}

Result<std::vector<DayCounts>> Reads::trends(UserId owner, Date from, Date to) {
    std::vector<DayCounts> days;
    days_.each([&](auto& row) { days.push_back(to_day(row)); }, owner.to_string(), to_text(from),
               to_text(to));
    return days;
}

Result<User> Reads::user_by_email(const std::string& email) {
    const auto row = user_.one(email);
    if (!row) return Error{ErrorCode::not_found, "no such user"};
    const auto& [id, address, hash, role] = *row;
    const auto known = parse_role(role);
    if (!known) return Error{ErrorCode::not_found, "a user of a role that is none of ours"};
    return User{to_id<UserId>(id), address, hash, *known};
}

Result<void> Reads::ping() {
    const auto found = std::get<0>(*schema_.one());
    if (found == schema_version()) return {};
    return Error{ErrorCode::unavailable, "the database has schema version " + std::to_string(found) +
                                             ", this program needs " + std::to_string(schema_version())};
}

}  // namespace pulse::store::sqlite
