#include "store/postgres/sessions.hpp"

#include "store/postgres/rows.hpp"

namespace pulse::store::postgres {
namespace {

std::string milliseconds(const std::string& column) {
    return "(extract(epoch FROM " + column + ") * 1000)::bigint";
}

const Statement insert_session{
    "INSERT INTO sessions (id, user_id, refresh_hash, rotated_at, created_at, access_expires_at, expires_at)"
    " VALUES ($1, $2, $3, $4, $4, $5, $6)"};
const std::string session_columns =
    "SELECT user_id, refresh_hash = $2::bytea, coalesce(previous_hash = $2::bytea, false), " +
    milliseconds("rotated_at") + ", " + milliseconds("access_expires_at") + ", " +
    milliseconds("expires_at") + ", revoked_at IS NOT NULL FROM sessions WHERE id = $1";
const Statement find{session_columns};
const Statement lock{session_columns + " FOR UPDATE"};
const Statement exchange{
    "UPDATE sessions SET previous_hash = refresh_hash, refresh_hash = $2, rotated_at = $3,"
    " access_expires_at = $4, expires_at = $5 WHERE id = $1"};
const Statement revoke{"UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL"};
const Statement user_of_id{"SELECT email, password_hash, role FROM users WHERE id = $1"};
const Statement trim_sessions{
    "DELETE FROM sessions WHERE id = ANY (ARRAY (SELECT id FROM sessions WHERE expires_at < clock_timestamp()"
    " ORDER BY expires_at LIMIT $1::bigint FOR UPDATE SKIP LOCKED))"};
const Statement trim_revocations{
    "DELETE FROM session_revocations WHERE ctid = ANY (ARRAY (SELECT ctid FROM session_revocations"
    " WHERE revoked_at < clock_timestamp() - interval '1 hour' LIMIT $1::bigint))"};
const Statement revoked_lately{
    "SELECT session_id FROM session_revocations WHERE revoked_at > clock_timestamp() - interval '20 "
    "minutes'"};

std::string bytea(const TokenHash& hash) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "\\x";
    for (const auto byte : hash) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

WallTime to_time(std::int64_t milliseconds) { return WallTime(std::chrono::milliseconds(milliseconds)); }

// Of what user_of_id finds.
std::optional<Role> role_of(const Rows& owner) {
    return owner.size() == 0 ? std::nullopt : parse_role(owner.text(0, 2));
}

struct Row {
    explicit Row(const Rows& rows)
        : user(to_id<UserId>(rows.text(0, 0))),
          is_current(rows.flag(0, 1)),
          is_previous(rows.flag(0, 2)),
          rotated_at(to_time(rows.integer(0, 3))),
          access_expires_at(to_time(rows.integer(0, 4))),
          expires_at(to_time(rows.integer(0, 5))),
          revoked(rows.flag(0, 6)) {}
    UserId user;
    bool is_current;   // the token that was shown
    bool is_previous;  // likewise
    WallTime rotated_at;
    WallTime access_expires_at;
    WallTime expires_at;
    bool revoked;
};

}  // namespace

Result<void> create_session(Connection& connection, const NewSession& session) {
    (void)connection.query(
        insert_session,
        {session.id.to_string(), session.user.to_string(), bytea(session.refresh), to_iso8601(session.now),
         to_iso8601(session.access_expires_at), to_iso8601(session.expires_at)});
    return {};
}

Result<Rotated> rotate_session(Connection& connection, const Rotation& rotation, const Clock& clock) {
    const auto id = rotation.id.to_string();
    const auto rows = connection.query(lock, {id, bytea(rotation.used)});
    if (rows.size() == 0) return Rotated{};
    const Row row(rows);
    if (row.revoked || row.expires_at <= rotation.now) return Rotated{};
    if (!row.is_current) {
        if (row.is_previous && row.rotated_at >= rotation.arrived_at) return Rotated{Rotated::Outcome::lost};
        (void)connection.query(revoke, {id, to_iso8601(rotation.now)});
        return Rotated{Rotated::Outcome::reused};
    }
    const auto owner = connection.query(user_of_id, {row.user.to_string()});
    const auto role = role_of(owner);
    if (!role) return Rotated{};
    // By the clock, now that the row is ours: waiting for it may have taken long.
    const auto answered_at = clock.wall_now() + rotation.held;
    (void)connection.query(
        exchange, {id, bytea(rotation.next), to_iso8601(answered_at), to_iso8601(rotation.access_expires_at),
                   to_iso8601(rotation.expires_at)});
    return Rotated{Rotated::Outcome::rotated,
                   {row.user, std::string(owner.text(0, 0)), std::string(owner.text(0, 1)), *role},
                   answered_at};
}

Result<Session> find_session(Connection& connection, SessionId id) {
    const auto rows = connection.query(find, {id.to_string(), std::string("\\x")});
    if (rows.size() == 0) return Error{ErrorCode::not_found, "no such session"};
    const Row row(rows);
    return Session{id,
                   row.user,
                   row.access_expires_at,
                   row.expires_at,
                   row.revoked,
                   role_of(connection.query(user_of_id, {row.user.to_string()}))};
}

Result<void> revoke_session(Connection& connection, SessionId id, WallTime now) {
    (void)connection.query(revoke, {id.to_string(), to_iso8601(now)});
    return {};
}

void send_session_trim(Connection& connection, int slice) {
    connection.send(trim_sessions, {std::to_string(slice)});
    connection.send(trim_revocations, {std::to_string(slice)});
}

std::vector<SessionId> lately_revoked(Connection& connection) {
    const auto rows = connection.query(revoked_lately);
    std::vector<SessionId> revoked;
    for (int row = 0; row < rows.size(); ++row) revoked.push_back(to_id<SessionId>(rows.text(row, 0)));
    return revoked;
}

}  // namespace pulse::store::postgres
