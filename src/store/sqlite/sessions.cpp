#include "store/sqlite/sessions.hpp"

#include <algorithm>

namespace pulse::store::sqlite {
namespace {

// Longer than any access token that was issued before lives.
constexpr auto keep_revocations = std::chrono::hours(1);

Text raw_bytes(const TokenHash& hash) {
    return Text(reinterpret_cast<const char*>(hash.data()), hash.size());
}

WallTime to_time(Integer milliseconds) { return WallTime(std::chrono::milliseconds(milliseconds)); }

}  // namespace

SessionRows::SessionRows(Connection& connection)
    : insert_(connection,
              "INSERT INTO sessions (id, user_id, refresh_hash, rotated_at, created_at, access_expires_at,"
              " expires_at) VALUES (:id, :user, CAST(:hash AS BLOB), :rotated, :created, :access, :expires)"),
      find_(
          connection,
          "SELECT user_id, refresh_hash = CAST(:current AS BLOB),"
          " coalesce(previous_hash = CAST(:previous AS BLOB), 0), rotated_at, access_expires_at, expires_at,"
          " revoked_at IS NOT NULL FROM sessions WHERE id = :id"),
      rotate_(connection,
              "UPDATE sessions SET previous_hash = refresh_hash, refresh_hash = CAST(:next AS BLOB),"
              " rotated_at = :now, access_expires_at = :access, expires_at = :expires WHERE id = :id"),
      revoke_(connection, "UPDATE sessions SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL"),
      user_(connection, "SELECT email, password_hash, role FROM users WHERE id = :id"),
      trim_(connection,
            "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < :now"
            " ORDER BY expires_at LIMIT :slice)"),
      trim_revocations_(connection,
                        "DELETE FROM session_revocations WHERE seq IN (SELECT seq FROM session_revocations"
                        " ORDER BY seq LIMIT :slice) AND revoked_at < :before") {}

Result<void> SessionRows::create(const NewSession& session) {
    const auto now = to_milliseconds(session.now);
    insert_.run(session.id.to_string(), session.user.to_string(), raw_bytes(session.refresh), now, now,
                to_milliseconds(session.access_expires_at), to_milliseconds(session.expires_at));
    return {};
}

// `now`: by the clock, which the wait for the writer may have left behind.
Result<Rotated> SessionRows::rotate(const Rotation& rotation, WallTime now) {
    const auto id = rotation.id.to_string();
    const auto row = find_.one(raw_bytes(rotation.used), raw_bytes(rotation.used), id);
    if (!row) return Rotated{};
    const auto& [user, current, previous, rotated_at, access, expires, revoked] = *row;
    if (revoked || to_time(expires) <= rotation.now) return Rotated{};
    if (!current) {
        if (previous && to_time(rotated_at) >= rotation.arrived_at) return Rotated{Rotated::Outcome::lost};
        revoke_.run(to_milliseconds(rotation.now), id);
        return Rotated{Rotated::Outcome::reused};
    }
    const auto owner = user_.one(user);
    if (!owner) return Rotated{};
    const auto& [email, hash, role] = *owner;
    const auto known = parse_role(role);
    if (!known) return Rotated{};
    const auto answered_at = now + rotation.held;
    rotate_.run(raw_bytes(rotation.next), to_milliseconds(answered_at),
                to_milliseconds(rotation.access_expires_at), to_milliseconds(rotation.expires_at), id);
    return Rotated{Rotated::Outcome::rotated, {to_id<UserId>(user), email, hash, *known}, answered_at};
}

Result<Session> SessionRows::find(SessionId id) {
    const auto row = find_.one(Text(), Text(), id.to_string());
    if (!row) return Error{ErrorCode::not_found, "no such session"};
    const auto& [user, current, previous, rotated_at, access, expires, revoked] = *row;
    const auto owner = user_.one(user);
    return Session{id,
                   to_id<UserId>(user),
                   to_time(access),
                   to_time(expires),
                   revoked != 0,
                   owner ? parse_role(std::get<2>(*owner)) : std::nullopt};
}

Result<void> SessionRows::revoke(SessionId id, WallTime now) {
    revoke_.run(to_milliseconds(now), id.to_string());
    return {};
}

Integer SessionRows::trim(WallTime now, Integer slice) {
    const auto sessions = trim_.run(to_milliseconds(now), Integer(slice));
    return std::max(sessions, trim_revocations_.run(Integer(slice), to_milliseconds(now - keep_revocations)));
}

}  // namespace pulse::store::sqlite
