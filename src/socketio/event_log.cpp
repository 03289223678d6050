#include "socketio/event_log.hpp"

#include <algorithm>

namespace pulse::socketio {
namespace {

bool any_in(const std::vector<std::string>& names, const std::vector<std::string>& rooms) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return std::find(rooms.begin(), rooms.end(), name) != rooms.end();
    });
}

std::size_t size_of(const Outgoing& packet) {
    std::size_t bytes = sizeof(EventLog::Entry) + packet.text->size();
    for (const auto& binary : packet.binaries) bytes += binary->size();
    return bytes;
}

}  // namespace

bool is_for(const Target& target, const std::vector<std::string>& rooms) {
    return (target.rooms.empty() || any_in(target.rooms, rooms)) && !any_in(target.except, rooms);
}

void EventLog::append(std::shared_ptr<const Target> target, Outgoing packet, TimePoint now) {
    const auto bytes = size_of(packet);
    entries_.push_back({++head_, std::move(target), std::move(packet), now, bytes});
    bytes_ += bytes;
    trim(now);
}

void EventLog::trim(TimePoint now) {
    while (!entries_.empty() && (entries_.size() > bounds_.events || bytes_ > bounds_.bytes ||
                                 now - entries_.front().at > bounds_.age)) {
        bytes_ -= entries_.front().bytes;
        entries_.pop_front();
    }
}

std::optional<std::vector<Outgoing>> EventLog::after(std::uint64_t position,
                                                     const std::vector<std::string>& rooms) const {
    const auto first = head_ - entries_.size() + 1;  // the oldest that is kept
    if (position > head_ || position + 1 < first) return std::nullopt;
    std::vector<Outgoing> missed;
    for (auto i = std::size_t(position + 1 - first); i < entries_.size(); ++i) {
        if (is_for(*entries_[i].target, rooms)) missed.push_back(entries_[i].packet);
    }
    return missed;
}

}  // namespace pulse::socketio
