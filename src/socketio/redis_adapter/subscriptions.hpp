#pragma once
// Which rooms' channels are subscribed: those of rooms with members on this node, and for a while those
// whose last member has just left, so that a room that empties and fills again and again costs Redis at
// most one command per `linger`. Pure; touched by one thread.
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"

namespace pulse::socketio::redis_adapter {

class Subscriptions {
public:
    explicit Subscriptions(Duration linger) : linger_(linger) {}

    // One more reason to listen to the room; true if its channel is to be subscribed now. A socket's id can
    // be a room twice over: by the socket, and by others who joined it by name.
    bool add(std::string_view room);
    // One reason less.
    void remove(std::string_view room, TimePoint now);
    // Rooms that nobody came back to; their channels are to be unsubscribed now.
    std::vector<std::string> take_idle(TimePoint now);
    TimePoint next_due() const;  // of take_idle(); TimePoint::max() if nothing waits
    std::vector<std::string> take_all();
    std::size_t size() const { return rooms_.size(); }

private:
    using Idle = std::multimap<TimePoint, std::string>;
    struct Room {
        std::size_t reasons = 0;
        Idle::iterator idle{};  // valid while there is no reason
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    const Duration linger_;
    std::unordered_map<std::string, Room, Hash, std::equal_to<>> rooms_;
    Idle idle_;
};

}  // namespace pulse::socketio::redis_adapter
