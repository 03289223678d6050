#include "store/postgres/reads.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "store/postgres/schema.hpp"
#include "store/postgres/sessions.hpp"
#include "store/sql/change_log.hpp"
#include "store/store.hpp"

namespace pulse::store::postgres {
namespace {

// What the log is read to, and one row more, which tells that there is more.
const std::string scan_limit = std::to_string(sql::log_scan_limit + 1);

const Statement kpis{
    "SELECT active_businesses, invites, views, messages, version FROM tenant_kpis WHERE user_id = $1"};
const Statement changes{
    "SELECT version, kind, business_id, business FROM tenant_changes"
    " WHERE user_id = $1 AND version > $2 ORDER BY version LIMIT " +
    scan_limit};
const Statement changed_totals{
    "SELECT business_id, views, clicks, invites, declined, messages, qfps FROM business_totals"
    " WHERE user_id = $1 AND business_id IN (SELECT business_id FROM (SELECT business_id, kind"
    " FROM tenant_changes WHERE user_id = $1 AND version > $2 ORDER BY version LIMIT " +
    scan_limit + ") AS scanned WHERE kind = 'metrics_updated')"};
const Statement totals{
    "SELECT views, clicks, invites, declined, messages, qfps FROM business_totals"
    " WHERE business_id = $1 AND user_id = $2"};

// Two names that differ only in case have the same capitals, and ß has SS. `text` is made comparable.
std::string folded(const std::string& text, bool by_unicode) {
    return by_unicode ? "upper(normalize(" + text + ", NFC) COLLATE \"und-x-icu\") COLLATE \"C\""
                      : "upper(" + text + ") COLLATE \"C\"";
}

struct PageStatements {
    explicit PageStatements(const std::string& filter)
        : page{std::string("SELECT ") + business_columns + filter +
               " ORDER BY created_at DESC, id LIMIT $4 OFFSET $5"},
          total{"SELECT count(*)" + filter} {}
    const Statement page;
    const Statement total;
};
const std::string page_filter =
    " FROM businesses WHERE user_id = $1 AND ($2::text = '' OR status::text = $2) AND ";
std::string search_filter(bool by_unicode) {
    return page_filter + "strpos(" + folded("name", by_unicode) + ", " + folded("$3::text", by_unicode) +
           ") > 0";
}
const PageStatements whole_list{page_filter + "$3::text = ''"};
const PageStatements unicode_search{search_filter(true)};
const PageStatements plain_search{search_filter(false)};

const Statement one_business{std::string("SELECT ") + business_columns +
                             " FROM businesses WHERE id = $1 AND user_id = $2"};
const Statement history{
    "SELECT metric_date, sum(views_count), sum(clicks_count), sum(property_invites_count),"
    " sum(declined_count), sum(messages_count), sum(qfps_submitted_count) FROM business_metrics"
    " WHERE business_id = $1 AND metric_date BETWEEN $2 AND $3 GROUP BY metric_date"
    " ORDER BY metric_date DESC"};
const Statement days{
    "SELECT day, views, clicks, invites, declined, messages, qfps FROM tenant_days"
    " WHERE user_id = $1 AND day BETWEEN $2 AND $3"
    " AND (views <> 0 OR clicks <> 0 OR invites <> 0 OR declined <> 0 OR messages <> 0 OR qfps <> 0)"
    " ORDER BY day"};
const Statement versions_of{"SELECT user_id, version FROM tenant_kpis WHERE user_id = ANY ($1::uuid[])"};
const Statement user_of_address{
    "SELECT id, email, password_hash, role FROM users WHERE lower(email) = lower($1)"
    " ORDER BY email = $1 DESC, id LIMIT 1"};
const Statement schema_found{"SELECT coalesce(max(version), 0) FROM pulseboard.schema_migrations"};
const Statement notify_all{"SELECT pg_notify($1, $2)"};

TenantKpis to_kpis(const Rows& rows) {
    if (rows.size() == 0) return {};
    return {rows.integer(0, 0), rows.integer(0, 1), rows.integer(0, 2), rows.integer(0, 3),
            Version(rows.integer(0, 4))};
}

std::vector<DayCounts> to_days(const Rows& rows) {
    std::vector<DayCounts> all;
    for (int row = 0; row < rows.size(); ++row)
        all.push_back({sql::parse_date(rows.text(row, 0)), to_counts(rows, row, 1)});
    return all;
}

std::vector<Business> to_businesses(const Rows& rows) {
    std::vector<Business> all;
    for (int row = 0; row < rows.size(); ++row) all.push_back(to_business(rows, row));
    return all;
}

void fold_changes(const Rows& log, const Rows& sums, Version after, TenantState& state) {
    if (after >= state.kpis.version) {
        // Newer than anything here: the asker followed another database, or one that was since restored.
        state.complete = after == state.kpis.version;
        return;
    }
    sql::ChangeLog folded(after);
    for (int row = 0; row < log.size(); ++row)
        if (!folded.take(Version(log.integer(row, 0)), log.text(row, 1), log.text(row, 2), log.maybe(row, 3)))
            break;
    for (int row = 0; row < sums.size(); ++row)
        if (const auto id = to_id<BusinessId>(sums.text(row, 0)); folded.has_metrics(id))
            state.totals.push_back({id, to_counts(sums, row, 1)});
    folded.finish(state);
}

}  // namespace

Reads::Reads(const ConnectionSettings& settings) : connection_(settings), facts_(facts_of(connection_)) {}

Result<TenantKpis> Reads::tenant_kpis(UserId user) {
    return to_kpis(connection_.query(kpis, {user.to_string()}));
}

Result<TenantState> Reads::tenant_state(UserId user, std::optional<Version> after, std::int64_t businesses) {
    const Parameter id = user.to_string();
    Transaction transaction(connection_, Transaction::Kind::snapshot);
    connection_.send(kpis, {id});
    if (after) {
        // Nobody's version is that large, but anybody may send one.
        const auto from = std::to_string(std::min<Version>(*after, std::numeric_limits<std::int64_t>::max()));
        connection_.send(changes, {id, from});
        connection_.send(changed_totals, {id, from});
    }
    BusinessQuery first;
    first.limit = businesses;
    if (businesses > 0) send_page(id, first);
    const auto answers = transaction.commit();

    auto answer = answers.begin() + 1;  // after that of BEGIN
    TenantState state;
    state.kpis = to_kpis(*answer++);
    if (after) {
        fold_changes(answer[0], answer[1], *after, state);
        answer += 2;
    }
    if (businesses > 0) {
        state.businesses = to_businesses(answer[0]);
        state.businesses_total = answer[1].integer(0, 0);
    }
    return state;
}

Result<std::vector<std::pair<UserId, Version>>> Reads::versions(const std::vector<UserId>& users) {
    const auto rows = connection_.query(versions_of, {ids_array(users)});
    std::unordered_map<UserId, Version> found;
    for (int row = 0; row < rows.size(); ++row)
        found[to_id<UserId>(rows.text(row, 0))] = Version(rows.integer(row, 1));
    std::vector<std::pair<UserId, Version>> all;
    all.reserve(users.size());
    for (const auto& user : users) all.emplace_back(user, found[user]);
    return all;
}

// Two answers: the page and the total.
void Reads::send_page(const Parameter& user, const BusinessQuery& query) {
    const Parameter status = std::string(query.status ? to_string(*query.status) : "");
    const auto& statements = query.search.empty()      ? whole_list
                             : facts_.folds_by_unicode ? unicode_search
                                                       : plain_search;
    connection_.send(statements.page,
                     {user, status, query.search, std::to_string(query.limit), std::to_string(query.offset)});
    connection_.send(statements.total, {user, status, query.search});
}

Result<BusinessPage> Reads::businesses(UserId owner, const BusinessQuery& query) {
    // No name holds a zero byte.
    if (query.search.find('\0') != std::string::npos) return BusinessPage{};
    Transaction transaction(connection_, Transaction::Kind::snapshot);
    send_page(owner.to_string(), query);
    const auto answers = transaction.commit();
    return BusinessPage{to_businesses(answers[1]), answers[2].integer(0, 0)};
}

Result<Business> Reads::business(UserId owner, BusinessId id) {
    const auto rows = connection_.query(one_business, {id.to_string(), owner.to_string()});
    if (rows.size() == 0) return sql::no_business();
    return to_business(rows, 0);
}

Result<BusinessMetrics> Reads::metrics(UserId owner, BusinessId id, Date from, Date to) {
    Transaction transaction(connection_, Transaction::Kind::snapshot);
    connection_.send(totals, {id.to_string(), owner.to_string()});
    connection_.send(history, {id.to_string(), to_text(from), to_text(to)});
    const auto answers = transaction.commit();
    if (answers[1].size() == 0) return sql::no_business();
    return BusinessMetrics{to_counts(answers[1], 0, 0), to_days(answers[2])};
}

Result<std::vector<DayCounts>> Reads::trends(UserId owner, Date from, Date to) {
    return to_days(connection_.query(days, {owner.to_string(), to_text(from), to_text(to)}));
}

Result<User> Reads::user_by_email(const std::string& email) {
    const auto rows = connection_.query(user_of_address, {email});
    if (rows.size() == 0) return Error{ErrorCode::not_found, "no such user"};
    const auto role = parse_role(rows.text(0, 3));
    if (!role) return Error{ErrorCode::not_found, "a user of a role that is none of ours"};
    return User{to_id<UserId>(rows.text(0, 0)), std::string(rows.text(0, 1)), std::string(rows.text(0, 2)),
                *role};
}

Result<Session> Reads::session(SessionId id) { return find_session(connection_, id); }

Result<void> Reads::ping() {
    const auto found = connection_.query(schema_found).integer(0, 0);
    if (found == schema_version()) return {};
    return Error{ErrorCode::unavailable, "the database has schema version " + std::to_string(found) +
                                             ", this program needs " + std::to_string(schema_version())};
}

Result<void> Reads::notify(const std::string& channel, const std::string& payload) {
    (void)connection_.query(notify_all, {channel, payload});
    return {};
}

}  // namespace pulse::store::postgres
