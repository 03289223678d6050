#include "auth/revoked_sessions.hpp"

#include <mutex>

namespace pulse::auth {

void RevokedSessions::add(const std::vector<SessionId>& sessions, WallTime now) {
    const std::unique_lock lock(mutex_);
    for (; !order_.empty() && order_.front().first <= now; order_.pop_front()) {
        const auto found = until_.find(order_.front().second);
        if (found != until_.end() && found->second <= now) until_.erase(found);
    }
    // A minute more than the tokens live: clocks of nodes differ a little.
    const WallTime until = now + access_token_ttl + std::chrono::minutes(1);
    for (const auto& session : sessions) {
        const auto [entry, is_new] = until_.try_emplace(session, until);
        // The feed tells the same ones again and again; a first telling is enough for a token's life.
        if (is_new) order_.emplace_back(until, session);
    }
    count_.store(until_.size(), std::memory_order_release);
}

bool RevokedSessions::contains(const SessionId& session) const {
    if (count_.load(std::memory_order_acquire) == 0) return false;
    const std::shared_lock lock(mutex_);
    return until_.contains(session);
}

}  // namespace pulse::auth
