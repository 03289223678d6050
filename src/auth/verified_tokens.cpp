#include "auth/verified_tokens.hpp"

#include <algorithm>
#include <functional>

namespace pulse::auth {

VerifiedTokens::VerifiedTokens(std::size_t capacity) {
    for (auto& part : parts_) part.slots.resize(std::max<std::size_t>(1, capacity / part_count));
}

std::optional<Identity> VerifiedTokens::find(std::string_view token, WallTime now) const {
    const auto hash = std::hash<std::string_view>{}(token);
    const auto& part = parts_[hash % part_count];
    const std::lock_guard lock(part.mutex);
    const auto& slot = part.slots[hash / part_count % part.slots.size()];
    if (slot.token != token || token.empty()) return std::nullopt;
    if (now < slot.verified_at || now >= slot.identity.expires_at) return std::nullopt;
    return slot.identity;
}

void VerifiedTokens::keep(std::string_view token, const Identity& identity, WallTime now) {
    const auto hash = std::hash<std::string_view>{}(token);
    auto& part = parts_[hash % part_count];
    const std::lock_guard lock(part.mutex);
    auto& slot = part.slots[hash / part_count % part.slots.size()];
    slot.token = token;
    slot.identity = identity;
    slot.verified_at = now;
}

}  // namespace pulse::auth
