#include "socketio/retained.hpp"

#include <iterator>
#include <utility>

namespace pulse::socketio {
namespace {

// As a room may have any name, the namespace's own has none of them.
std::string name_of(RetainedValues::Room room) {
    std::string name;
    if (room) name.append(":").append(*room);
    return name;
}

std::string name_of(std::string_view room, std::string_view key) {
    return std::to_string(room.size()).append(room).append(":").append(key);
}

}  // namespace

bool RetainedValues::set(Room where, std::string_view key, Outgoing packet, std::uint64_t version) {
    auto room = name_of(where);
    auto& names = values_.get<by_name>();
    const auto found = names.find(boost::make_tuple(std::string_view(room), key));
    if (found != names.end()) {
        if (found->version > version) return false;
        bytes_ -= found->bytes();
        names.modify(found, [&](Value& value) {
            value.packet = std::move(packet);
            value.version = version;
            value.turn = ++turns_;
        });
        bytes_ += found->bytes();
    } else {
        if (!forgotten_.empty() &&
            (forgotten_since(room, version) || forgotten_since(name_of(room, key), version))) {
            return false;
        }
        const auto added =
            names.insert({std::move(room), std::string(key), std::move(packet), version, ++turns_}).first;
        bytes_ += added->bytes();
    }
    make_room();
    return true;
}

void RetainedValues::make_room() {
    auto& turns = values_.get<by_turn>();
    while (values_.size() > max_values_ || bytes_ > max_bytes_) {
        bytes_ -= turns.begin()->bytes();
        turns.erase(turns.begin());
        ++evicted_;
    }
}

void RetainedValues::forget(Room where, std::optional<std::string_view> key, std::uint64_t version) {
    auto room = name_of(where);
    const auto drop = [&](auto& index, auto value) {
        if (value->version > version) return std::next(value);
        bytes_ -= value->bytes();
        return index.erase(value);
    };
    if (key) {
        auto& names = values_.get<by_name>();
        const auto found = names.find(boost::make_tuple(std::string_view(room), *key));
        if (found != names.end()) drop(names, found);
        return remember_forgotten(name_of(room, *key), version);
    }
    auto& rooms = values_.get<by_room>();
    const auto [first, last] = rooms.equal_range(boost::make_tuple(std::string_view(room)));
    for (auto value = first; value != last;) value = drop(rooms, value);
    remember_forgotten(std::move(room), version);
}

std::vector<Outgoing> RetainedValues::of(Room room) const {
    std::vector<Outgoing> packets;
    const auto name = name_of(room);
    const auto& rooms = values_.get<by_room>();
    const auto [first, last] = rooms.equal_range(boost::make_tuple(std::string_view(name)));
    for (auto value = first; value != last; ++value) packets.push_back(value->packet);
    return packets;
}

void RetainedValues::remember_forgotten(std::string name, std::uint64_t version) {
    auto& until = forgotten_[name];
    if (until > version) return;
    until = version;
    forgotten_order_.emplace_back(std::move(name), version);
    if (forgotten_order_.size() <= most_forgotten) return;
    const auto oldest = forgotten_.find(forgotten_order_.front().first);
    if (oldest != forgotten_.end() && oldest->second == forgotten_order_.front().second) {
        forgotten_.erase(oldest);
    }
    forgotten_order_.pop_front();
}

bool RetainedValues::forgotten_since(const std::string& name, std::uint64_t version) const {
    const auto found = forgotten_.find(name);
    return found != forgotten_.end() && found->second > version;
}

}  // namespace pulse::socketio
