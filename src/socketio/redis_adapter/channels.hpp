#pragma once
// The names of the channels that @socket.io/redis-adapter 8 uses for one namespace. Immutable; any thread.
#include <optional>
#include <string>
#include <string_view>

namespace pulse::socketio::redis_adapter {

struct Channels {
    Channels(std::string_view prefix, std::string_view nsp, std::string_view uid);

    // A broadcast to exactly one room goes to that room's channel, any other to `broadcasts`.
    std::string room(std::string_view name) const;
    // The room whose channel this is; nullopt if it is another kind of channel, `broadcasts` too.
    std::optional<std::string_view> room_of(std::string_view channel) const;
    // Where a node that asked reads answers if it wants them for itself.
    std::string responses_to(std::string_view uid) const;

    const std::string broadcasts;
    const std::string requests;
    const std::string responses;
    const std::string own_responses;
};

}  // namespace pulse::socketio::redis_adapter
