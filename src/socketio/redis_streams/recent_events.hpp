#pragma once
// The namespace's newest events, decoded: those who return are nearly always served from here, however many
// they are, and the stream is read again only for what is older. Bounded by count and bytes. Pure; touched by
// one thread.
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "socketio/cluster_log.hpp"
#include "socketio/redis_streams/entry_id.hpp"

namespace pulse::socketio::redis_streams {

class RecentEvents {
public:
    using Event = std::shared_ptr<const LoggedEvent>;
    struct Kept {
        Event event;
        std::size_t bytes;
    };
    RecentEvents(std::size_t most, std::size_t most_bytes) : most_(most), most_bytes_(most_bytes) {}

    void reset(Position since);  // every event after it will be appended
    void append(Event event, std::size_t bytes);
    // Older ones: all that came after `since`, up to since(). As many of them are kept as there is room for.
    void prepend(std::deque<Kept> older, Position since);

    Position since() const { return since_; }  // every event after it is here
    // Appends what came after `position` for whoever is in these rooms. False: that is no longer here.
    bool after(Position position, const std::vector<std::string>& rooms, std::vector<Event>& out) const;
    std::size_t size() const { return events_.size(); }

private:
    const std::size_t most_;
    const std::size_t most_bytes_;
    Position since_ = 0;
    std::size_t bytes_ = 0;
    std::deque<Kept> events_;
};

}  // namespace pulse::socketio::redis_streams
