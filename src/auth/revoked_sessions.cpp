#include "auth/revoked_sessions.hpp"

#include <mutex>

namespace pulse::auth {

void RevokedSessions::add(const std::vector<SessionId>& sessions, WallTime now) {
    const std::unique_lock lock(mutex_);
    std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
    // A minute more than the tokens live: clocks of nodes differ a little.
    for (const auto& session : sessions)
        until_.insert_or_assign(session, now + access_token_ttl + std::chrono::minutes(1));
    count_.store(until_.size(), std::memory_order_release);
}

bool RevokedSessions::contains(const SessionId& session) const {
    if (count_.load(std::memory_order_acquire) == 0) return false;
    const std::shared_lock lock(mutex_);
    return until_.contains(session);
}

}  // namespace pulse::auth
