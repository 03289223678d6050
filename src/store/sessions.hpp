#pragma once
// Sign-ins, as the store keeps them: one row per session, with the hash of its one valid refresh token
// (contract section 4, *Sessions*). Tokens themselves never get here. Tasks, threads and failures as in
// store.hpp.
#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "store/types.hpp"

namespace pulse::store {

using TokenHash = std::array<std::uint8_t, 32>;  // SHA-256

struct Session {
    SessionId id;
    UserId user;
    WallTime access_expires_at{};  // of its newest access token
    WallTime expires_at{};         // of its refresh token
    bool revoked = false;
    std::optional<Role> role{};  // of its user now; none: it is gone, or of no role we know
};

struct NewSession {
    SessionId id;
    UserId user;
    TokenHash refresh{};
    WallTime now{};
    WallTime access_expires_at{};
    WallTime expires_at{};
};

// Exchanges a session's refresh token for the next one.
struct Rotation {
    SessionId id;
    TokenHash used{};
    TokenHash next{};
    WallTime arrived_at{};  // when the request came
    WallTime now{};
    // How long the answer is held after the exchange: nobody has the next token before, so who shows this one
    // until then is not a thief.
    std::chrono::milliseconds held{};
    WallTime access_expires_at{};
    WallTime expires_at{};
};

struct Rotated {
    enum class Outcome {
        rotated,
        unknown,  // no such session, or it expired, was revoked, or its user is gone or of no role we know
        lost,     // another request that was under way at the same time was first; the session goes on
        reused,   // an older token, which somebody must have kept: the session is revoked now
    };
    Outcome outcome = Outcome::unknown;
    User user{};             // if rotated
    WallTime answered_at{};  // likewise: not before
};

// Told, on a thread of the store or of who revoked, of sessions that ended before their time, whoever ended
// them; those of the last twenty minutes when the feed starts or comes back, so some more than once.
using OnRevoked = std::function<void(const std::vector<SessionId>&)>;

class Sessions {
public:
    virtual ~Sessions() = default;

    // Before Store::follow(). What this process revokes is told of before the call that did it returns.
    virtual void on_revoked(OnRevoked callback) = 0;

    virtual Task<Result<void>> create_session(NewSession session) = 0;
    // Of any number of rotations of one token, on any nodes, exactly one is `rotated`.
    virtual Task<Result<Rotated>> rotate_session(Rotation rotation) = 0;
    virtual Task<Result<Session>> session(SessionId id) = 0;      // not_found
    virtual Task<Result<void>> revoke_session(SessionId id) = 0;  // unknown, or revoked before: nothing to do
};

}  // namespace pulse::store
