#pragma once
// The last events of a namespace, encoded, for sockets that come back; bounded by count, bytes and age.
// Positions count events from 1 without gaps. Pure: time is passed in; its owner's lock guards it.
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "socketio/namespace.hpp"
#include "socketio/outgoing.hpp"

namespace pulse::socketio {

// Whether whoever is in these rooms is to get what goes to `target`.
bool is_for(const Target& target, const std::vector<std::string>& rooms);

class EventLog {
public:
    struct Bounds {
        std::size_t events;
        std::size_t bytes;
        Duration age;
    };
    struct Entry {
        std::uint64_t position;
        std::shared_ptr<const Target> target;
        Outgoing packet;
        TimePoint at;
        std::size_t bytes;
    };
    explicit EventLog(Bounds bounds) : bounds_(bounds) {}

    std::uint64_t head() const { return head_; }  // of the newest event; 0: none yet
    // The next event's position is head() + 1; its packet carries it.
    void append(std::shared_ptr<const Target> target, Outgoing packet, TimePoint now);
    // What a socket in these rooms was to get after `position`; nullopt: the log does not reach back.
    std::optional<std::vector<Outgoing>> after(std::uint64_t position,
                                               const std::vector<std::string>& rooms) const;
    std::size_t size() const { return entries_.size(); }
    std::size_t bytes() const { return bytes_; }

private:
    void trim(TimePoint now);
    const Bounds bounds_;
    std::uint64_t head_ = 0;
    std::size_t bytes_ = 0;
    std::deque<Entry> entries_;
};

}  // namespace pulse::socketio
