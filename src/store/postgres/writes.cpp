#include "store/postgres/writes.hpp"

#include <algorithm>
#include <cstdint>

#include "store/postgres/sessions.hpp"

namespace pulse::store::postgres {
namespace {

constexpr int trim_slice = 2000;

const std::string user_columns = "INSERT INTO users (id, email, password_hash, role";
// Not more than one id per address, in any case; where the table itself does not see to that, two nodes at
// the same moment still can.
const std::string unless_taken =
    " WHERE NOT EXISTS (SELECT FROM users WHERE lower(email) = lower($2::text)) ON CONFLICT DO NOTHING";
const Statement insert_user{user_columns + ") SELECT $1::uuid, $2::text, $3, $4" + unless_taken};
const Statement insert_user_with_times{
    user_columns + ", created_at, updated_at) SELECT $1::uuid, $2::text, $3, $4, $5, $6" + unless_taken};

// Every column that an adopted table may want without having a default for it.
const Statement insert_business{
    "INSERT INTO businesses (id, user_id, name, logo_url, category, status, is_verified,"
    " stealth_mode_enabled, created_at, updated_at)"
    " SELECT $1::uuid, $2::uuid, $3, $4, $5, $6, false, false, $7, $8"
    " WHERE EXISTS (SELECT FROM users WHERE id = $2::uuid) RETURNING " +
    std::string(business_columns)};
const Statement lock_business{std::string("SELECT ") + business_columns +
                              " FROM businesses WHERE id = $1 AND user_id = $2 FOR NO KEY UPDATE"};
const Statement update_business_row{
    "UPDATE businesses SET name = $2, logo_url = $3, category = $4, status = $5, stealth_mode_enabled = $6,"
    " updated_at = $7 WHERE id = $1 RETURNING " +
    std::string(business_columns)};
const Statement delete_business_row{"DELETE FROM businesses WHERE id = $1 AND user_id = $2"};

// The version of the last change of each business, and of its tenant.
const Statement versions_after{
    "SELECT CASE WHEN t.business_id IS NULL THEN k.version ELSE coalesce((SELECT c.version"
    " FROM tenant_changes c WHERE c.user_id = t.user_id AND c.business_id = t.business_id"
    " ORDER BY c.version DESC LIMIT 1), k.version) END, k.version"
    " FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS t (user_id, business_id, n)"
    " LEFT JOIN tenant_kpis k ON k.user_id = t.user_id ORDER BY t.n"};

// "pulse", "trim".
const Statement trim_turn{"SELECT pg_try_advisory_xact_lock(1886743667, 1953655149)"};
const Statement trim_changes{
    "DELETE FROM tenant_changes WHERE ctid = ANY (ARRAY (SELECT ctid FROM tenant_changes"
    " WHERE changed_at < clock_timestamp() - interval '10 minutes' LIMIT " +
    std::to_string(trim_slice) + "))"};
const Statement trim_events{
    "DELETE FROM activity_events WHERE ctid = ANY (ARRAY (SELECT ctid FROM activity_events"
    " WHERE received_at < clock_timestamp() - interval '31 days' LIMIT " +
    std::to_string(trim_slice) + "))"};

Error address_taken() { return {ErrorCode::conflict, "the address belongs to another user"}; }

}  // namespace

Writes::Writes(const ConnectionSettings& settings) : connection_(settings), facts_(facts_of(connection_)) {}

void Writes::send_user(const User& user, WallTime now) {
    Parameters values{user.id.to_string(), user.email, user.password_hash, std::string(to_string(user.role))};
    if (!facts_.users_have_times) return connection_.send(insert_user, values);
    values.insert(values.end(), 2, to_iso8601(now));
    connection_.send(insert_user_with_times, values);
}

std::vector<Rows> Writes::sync_user(const User& user) {
    try {
        return connection_.sync();
    } catch (const DatabaseError& failure) {
        // The enum of an adopted database may not know the role, and its table may want more than we have.
        if (failure.sqlstate == "22P02")
            throw Refusal({ErrorCode::forbidden,
                           "the database has no users of the role " + std::string(to_string(user.role))});
        if (failure.sqlstate == "23502")
            throw Refusal({ErrorCode::conflict,
                           "the user does not exist yet and cannot be created from here: the table users "
                           "needs a value for " +
                               failure.column});
        throw;
    }
}

Result<Written<Business>> Writes::create_business(const Owner& owner, const NewBusiness& fresh, WallTime now,
                                                  Touch& touch) {
    const auto id = BusinessId::random();
    const auto time = to_iso8601(now);
    const auto send = [&] {
        connection_.send(insert_business, {id.to_string(), owner.id.to_string(), fresh.name, fresh.logo_url,
                                           fresh.category, std::string(to_string(fresh.status)), time, time});
    };
    send();
    auto answers = connection_.sync();
    if (answers.back().size() == 0) {  // the owner is not there
        const auto email = owner.email.empty() ? owner.id.to_string() + "@unknown.invalid" : owner.email;
        const User user{owner.id, email, "", owner.role};
        send_user(user, now);
        send();
        answers = sync_user(user);
        if (answers.back().size() == 0) return address_taken();
    }
    touch = {owner.id, id};
    return Written<Business>{to_business(answers.back(), 0)};
}

Result<Written<Business>> Writes::update_business(const Owner& owner, BusinessId id,
                                                  const BusinessPatch& patch, WallTime now, Touch& touch) {
    const auto rows = connection_.query(lock_business, {id.to_string(), owner.id.to_string()});
    if (rows.size() == 0) return sql::no_business();
    const auto before = to_business(rows, 0);
    const auto after = sql::patched(before, patch);
    touch = {owner.id, std::nullopt};
    // A patch that changes nothing is no change: no version, no event, the same updated_at.
    if (after == before) return Written<Business>{after};
    touch.business = id;
    const auto updated = connection_.query(
        update_business_row,
        {id.to_string(), after.name, after.logo_url, after.category, std::string(to_string(after.status)),
         std::string(after.stealth_mode_enabled ? "true" : "false"), to_iso8601(now)});
    return Written<Business>{to_business(updated, 0)};
}

Result<Written<BusinessId>> Writes::delete_business(const Owner& owner, BusinessId id, Touch& touch) {
    const auto rows = connection_.query(delete_business_row, {id.to_string(), owner.id.to_string()});
    if (rows.affected() == 0) return sql::no_business();
    touch = {owner.id, id};
    return Written<BusinessId>{id};
}

Result<User> Writes::create_user(const User& user, WallTime now) {
    send_user(user, now);
    const auto answers = sync_user(user);
    if (answers.back().affected() == 0) return address_taken();
    return user;
}

void Writes::commit(Transaction& transaction, const std::vector<Touch*>& touched) {
    if (!touched.empty()) {
        connection_.send("SET CONSTRAINTS ALL IMMEDIATE");
        connection_.send(versions_after,
                         {array_of(touched, [](const Touch* touch) { return touch->user.to_string(); }),
                          array_of(touched, [](const Touch* touch) {
                              return touch->business ? touch->business->to_string() : "NULL";
                          })});
    }
    const auto answers = transaction.commit();
    if (touched.empty()) return;
    const auto& versions = answers.back();
    for (std::size_t i = 0; i < touched.size(); ++i) {
        touched[i]->version = Version(versions.integer(int(i), 0));
        touched[i]->latest = Version(versions.integer(int(i), 1));
    }
}

Writes::Left Writes::trim() {
    Transaction transaction(connection_, Transaction::Kind::write);
    if (!connection_.query(trim_turn).flag(0, 0)) return Left::nothing;
    connection_.send(trim_changes);
    connection_.send(trim_events);
    send_session_trim(connection_, trim_slice);
    const auto answers = transaction.commit();
    std::int64_t most = 0;
    for (const auto& answer : answers) most = std::max(most, answer.affected());
    return most == trim_slice ? Left::maybe_more : Left::nothing;
}

}  // namespace pulse::store::postgres
