#pragma once
// What waits for one socket that cannot take it now, in the order in which it was emitted; of the events with
// the same slot only the newest, in its own place. Pure; touched only on the socket's shard.
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "socketio/namespace.hpp"
#include "socketio/outgoing.hpp"

namespace pulse::socketio {

// Of two events with equal slots the newer makes the older one superfluous: a key in the rooms they go to.
// Without a key the event's name serves as one.
Slot slot_of(const Target& target, std::string_view event);

class HeldEvents {
public:
    // True if it took the place of an older one.
    bool put(const Outgoing& packet);
    bool empty() const { return waiting_.empty(); }
    std::size_t size() const { return waiting_.size(); }
    std::size_t bytes() const { return bytes_; }
    Outgoing take();  // the first; there is one

private:
    std::list<Outgoing> waiting_;
    // The keys lie in the slots of what waits.
    boost::unordered_flat_map<std::string_view, std::list<Outgoing>::iterator> by_slot_;
    std::size_t bytes_ = 0;
};

}  // namespace pulse::socketio
