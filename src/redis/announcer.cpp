#include "redis/announcer.hpp"

#include "base/log.hpp"

namespace pulse::redis {
namespace {

constexpr std::size_t most_reasons = 10;  // per outage; they repeat what Redis says

}  // namespace

void Announcer::up() {
    log::info("{}: {}", what_, down_ ? "connected again" : "connected");
    down_ = false;
    reasons_.clear();
}

void Announcer::lost(const std::string& why, bool was_up) {
    down_ = true;
    if (reasons_.size() >= most_reasons || !reasons_.insert(why).second) return;
    log::warn("{}: {}: {}; trying again", what_, was_up ? "connection lost" : "out of reach", why);
}

}  // namespace pulse::redis
