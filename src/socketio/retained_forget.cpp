#include "socketio/retained_forget.hpp"

#include <boost/json/array.hpp>

namespace pulse::socketio {
namespace json = boost::json;

Args forget_args(const Target& target, std::optional<std::string_view> key) {
    json::array rooms;
    for (const auto& room : target.rooms) rooms.emplace_back(json::string(room));
    Args args;
    args.json.push_back(std::move(rooms));
    args.json.push_back(key ? json::value(json::string(*key)) : json::value(nullptr));
    return args;
}

std::optional<std::pair<Target, std::optional<std::string>>> read_forget(const Args& args) {
    if (args.size() != 2 || !args[0].is_array() || !(args[1].is_null() || args[1].is_string())) {
        return std::nullopt;
    }
    std::pair<Target, std::optional<std::string>> what;
    for (const auto& room : args[0].get_array()) {
        if (!room.is_string()) return std::nullopt;
        what.first.rooms.emplace_back(room.get_string());
    }
    if (args[1].is_string()) what.second.emplace(args[1].get_string());
    return what;
}

}  // namespace pulse::socketio
