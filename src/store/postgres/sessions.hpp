#pragma once
// The sessions' rows on one connection; one thread. The writes inside a transaction of the writer. Throws
// DatabaseError when the database fails.
#include "store/postgres/connection.hpp"
#include "store/sessions.hpp"

namespace pulse::store::postgres {

Result<void> create_session(Connection& connection, const NewSession& session);
Result<Rotated> rotate_session(Connection& connection, const Rotation& rotation, const Clock& clock);
Result<Session> find_session(Connection& connection, SessionId id);
Result<void> revoke_session(Connection& connection, SessionId id, WallTime now);

// Queue the removal of a slice of what expired.
void send_session_trim(Connection& connection, int slice);
// Those that ended in the last twenty minutes: longer than an access token lives.
std::vector<SessionId> lately_revoked(Connection& connection);

}  // namespace pulse::store::postgres
