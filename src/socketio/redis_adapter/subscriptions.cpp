#include "socketio/redis_adapter/subscriptions.hpp"

#include <utility>

namespace pulse::socketio::redis_adapter {

bool Subscriptions::add(std::string_view name) {
    const auto found = rooms_.find(name);
    if (found == rooms_.end()) {
        rooms_.emplace(std::string(name), Room{1, {}});
        return true;
    }
    if (found->second.reasons++ == 0) idle_.erase(found->second.idle);
    return false;
}

void Subscriptions::remove(std::string_view name, TimePoint now) {
    const auto found = rooms_.find(name);
    if (found == rooms_.end() || found->second.reasons == 0) return;
    if (--found->second.reasons == 0) found->second.idle = idle_.emplace(now + linger_, found->first);
}

std::vector<std::string> Subscriptions::take_idle(TimePoint now) {
    std::vector<std::string> taken;
    while (!idle_.empty() && idle_.begin()->first <= now) {
        rooms_.erase(idle_.begin()->second);
        taken.push_back(std::move(idle_.begin()->second));
        idle_.erase(idle_.begin());
    }
    return taken;
}

TimePoint Subscriptions::next_due() const { return idle_.empty() ? TimePoint::max() : idle_.begin()->first; }

std::vector<std::string> Subscriptions::take_all() {
    std::vector<std::string> taken;
    for (auto& [name, room] : rooms_) taken.push_back(name);
    rooms_.clear();
    idle_.clear();
    return taken;
}

}  // namespace pulse::socketio::redis_adapter
