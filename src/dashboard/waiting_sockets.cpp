#include "dashboard/waiting_sockets.hpp"

#include <algorithm>
#include <utility>

namespace pulse::dashboard {

bool WaitingSockets::asked(const std::string& socket_id, socketio::Ack ack) {
    auto& wishes = next_[socket_id];
    wishes.reconnect = true;
    if (!ack) return true;
    if (wishes.acks.size() >= max_acks) return false;
    wishes.acks.push_back(std::move(ack));
    return true;
}

void WaitingSockets::left(const std::string& socket_id) {
    next_.erase(socket_id);
    in_read_.erase(socket_id);
}

bool WaitingSockets::any_asked() const {
    return std::any_of(next_.begin(), next_.end(),
                       [](const auto& waiting) { return waiting.second.reconnect; });
}

std::size_t WaitingSockets::put_back() {
    std::size_t dropped = 0;
    for (auto& [socket_id, before] : take_served()) {
        auto& wishes = next_[socket_id];
        wishes.update |= before.update;
        wishes.reconnect |= before.reconnect;
        // The older ones stay.
        before.acks.insert(before.acks.end(), std::make_move_iterator(wishes.acks.begin()),
                           std::make_move_iterator(wishes.acks.end()));
        if (before.acks.size() > max_acks) {
            dropped += before.acks.size() - max_acks;
            before.acks.resize(max_acks);
        }
        wishes.acks = std::move(before.acks);
    }
    return dropped;
}

}  // namespace pulse::dashboard
