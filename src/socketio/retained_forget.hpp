#pragma once
// How a node tells the others which retained values to forget: an event between servers, [rooms, key or
// null]. Node's servers have no handler for it. Pure; any thread.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "socketio/namespace.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

inline constexpr std::string_view forget_event = "pulse:forget";
Args forget_args(const Target& target, std::optional<std::string_view> key);
// nullopt: nonsense, of whoever can write to the cluster.
std::optional<std::pair<Target, std::optional<std::string>>> read_forget(const Args& args);

}  // namespace pulse::socketio
