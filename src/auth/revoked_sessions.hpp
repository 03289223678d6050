#pragma once
// The sessions that ended before their access tokens did: signed out, or revoked because an old refresh token
// was used. Kept in memory on every node, fed from the store; costs one atomic load while nothing is revoked.
// Any thread.
#include <atomic>
#include <deque>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace pulse::auth {

// From its revocation on no access token of a session is valid for longer than this.
inline constexpr std::chrono::minutes access_token_ttl{15};

class RevokedSessions {
public:
    // Idempotent. Those added more than a token's life ago are forgotten on the way, so what is kept is what
    // was revoked in the last quarter of an hour: forgetting more would let revoked tokens in.
    void add(const std::vector<SessionId>& sessions, WallTime now);
    bool contains(const SessionId& session) const;

private:
    std::atomic<std::size_t> count_{0};
    mutable std::shared_mutex mutex_;
    std::unordered_map<SessionId, WallTime> until_;
    std::deque<std::pair<WallTime, SessionId>> order_;  // as they were added
};

}  // namespace pulse::auth
