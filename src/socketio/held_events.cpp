#include "socketio/held_events.hpp"

#include <iterator>
#include <utility>

namespace pulse::socketio {

Slot slot_of(const Target& target, std::string_view event) {
    // Names may hold any character, so each comes with its length.
    std::string slot;
    for (const auto& room : target.rooms) {
        slot += std::to_string(room.size());
        slot += ':';
        slot += room;
    }
    slot += '.';
    slot += target.key.empty() ? event : target.key;
    return std::make_shared<const std::string>(std::move(slot));
}

bool HeldEvents::put(const Outgoing& packet) {
    const auto older = packet.slot ? by_slot_.find(*packet.slot) : by_slot_.end();
    const bool merged = older != by_slot_.end();
    if (merged) {
        bytes_ -= older->second->bytes();
        const auto place = older->second;
        by_slot_.erase(older);
        waiting_.erase(place);
    }
    waiting_.push_back(packet);
    bytes_ += packet.bytes();
    if (packet.slot) by_slot_.emplace(*packet.slot, std::prev(waiting_.end()));
    return merged;
}

Outgoing HeldEvents::take() {
    Outgoing first = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= first.bytes();
    if (first.slot) by_slot_.erase(*first.slot);
    return first;
}

}  // namespace pulse::socketio
