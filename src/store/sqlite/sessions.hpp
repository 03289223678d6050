#pragma once
// The sessions' rows on one connection; one thread. rotate() and revoke() inside a transaction of the writer.
#include "store/sessions.hpp"
#include "store/sqlite/query.hpp"
#include "store/sqlite/rows.hpp"

namespace pulse::store::sqlite {

class SessionRows {
public:
    explicit SessionRows(Connection& connection);

    Result<void> create(const NewSession& session);
    Result<Rotated> rotate(const Rotation& rotation, WallTime now);
    Result<Session> find(SessionId id);
    Result<void> revoke(SessionId id, WallTime now);
    // Removes a slice of what expired; returns how many rows that were.
    Integer trim(WallTime now, Integer slice);

private:
    Query<In<Text, Text, Text, Integer, Integer, Integer, Integer>> insert_;
    // user, is it the current token, is it the one before, rotated_at, access_expires_at, expires_at, revoked
    Query<In<Text, Text, Text>, Out<Text, Integer, Integer, Integer, Integer, Integer, Integer>> find_;
    Query<In<Text, Integer, Integer, Integer, Text>> rotate_;
    Query<In<Integer, Text>> revoke_;
    Query<In<Text>, Out<Text, Text, Text>> user_;
    Query<In<Integer, Integer>> trim_;
    Query<In<Integer, Integer>> trim_revocations_;
};

}  // namespace pulse::store::sqlite
