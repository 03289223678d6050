#include "socketio/redis_streams/recent_events.hpp"

#include <algorithm>
#include <utility>

#include "socketio/event_log.hpp"

namespace pulse::socketio::redis_streams {

void RecentEvents::reset(Position since) {
    since_ = since;
    bytes_ = 0;
    events_.clear();
}

void RecentEvents::append(Event event, std::size_t bytes) {
    bytes_ += bytes;
    events_.push_back({std::move(event), bytes});
    while (!events_.empty() && (events_.size() > most_ || bytes_ > most_bytes_)) {
        since_ = events_.front().event->position;
        bytes_ -= events_.front().bytes;
        events_.pop_front();
    }
}

void RecentEvents::prepend(std::deque<Kept> older, Position since) {
    for (; !older.empty(); older.pop_back()) {
        Kept& newest = older.back();
        if (events_.size() == most_ || bytes_ + newest.bytes > most_bytes_) {
            since_ = newest.event->position;
            return;
        }
        bytes_ += newest.bytes;
        events_.push_front(std::move(newest));
    }
    since_ = since;
}

bool RecentEvents::after(Position position, const std::vector<std::string>& rooms,
                         std::vector<Event>& out) const {
    if (position < since_) return false;
    const auto first =
        std::upper_bound(events_.begin(), events_.end(), position,
                         [](Position after, const Kept& one) { return after < one.event->position; });
    for (auto i = first; i != events_.end(); ++i) {
        if (is_for(i->event->target, rooms)) out.push_back(i->event);
    }
    return true;
}

}  // namespace pulse::socketio::redis_streams
