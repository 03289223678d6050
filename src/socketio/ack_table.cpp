#include "socketio/ack_table.hpp"

namespace pulse::socketio {

void AckTable::add(std::uint64_t id, TimePoint deadline, AckCallback done) {
    waiting_.insert_or_assign(id, Waiting{deadline, std::move(done)});
    deadlines_.emplace(deadline, id);
}

std::optional<AckCallback> AckTable::take(std::uint64_t id) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) return std::nullopt;
    AckCallback done = std::move(found->second.done);
    deadlines_.erase({found->second.deadline, id});
    waiting_.erase(found);
    return done;
}

std::vector<AckCallback> AckTable::take_overdue(TimePoint now) {
    std::vector<AckCallback> overdue;
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const std::uint64_t id = deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        const auto found = waiting_.find(id);
        overdue.push_back(std::move(found->second.done));
        waiting_.erase(found);
    }
    return overdue;
}

std::vector<AckCallback> AckTable::take_all() {
    std::vector<AckCallback> all;
    all.reserve(waiting_.size());
    for (auto& [id, waiting] : waiting_) all.push_back(std::move(waiting.done));
    waiting_.clear();
    deadlines_.clear();
    return all;
}

std::optional<TimePoint> AckTable::next_deadline() const {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->first;
}

}  // namespace pulse::socketio
