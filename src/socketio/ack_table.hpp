#pragma once
// The acknowledgements one socket owes us: by number, each with a deadline. Pure; time is passed in.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "socketio/socket.hpp"

namespace pulse::socketio {

class AckTable {
public:
    void add(std::uint64_t id, TimePoint deadline, AckCallback done);
    // Removes and returns the callback of an answer that arrived; nullopt for an unknown number.
    std::optional<AckCallback> take(std::uint64_t id);
    // Removes and returns what is overdue, earliest deadline first.
    std::vector<AckCallback> take_overdue(TimePoint now);
    std::vector<AckCallback> take_all();
    std::optional<TimePoint> next_deadline() const;
    std::size_t size() const { return waiting_.size(); }

private:
    struct Waiting {
        TimePoint deadline;
        AckCallback done;
    };
    std::map<std::uint64_t, Waiting> waiting_;
    std::set<std::pair<TimePoint, std::uint64_t>> deadlines_;
};

}  // namespace pulse::socketio
