#pragma once
// A room's name with its hash, for tables that keep names in other shapes: hashed once, however many of
// them are asked.
#include <functional>
#include <string_view>

namespace pulse::socketio {

struct RoomKey {
    explicit RoomKey(std::string_view room) : name(room), hash(std::hash<std::string_view>()(room)) {}

    std::string_view name;
    std::size_t hash;
};

}  // namespace pulse::socketio
