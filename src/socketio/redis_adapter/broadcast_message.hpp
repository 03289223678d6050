#pragma once
// A broadcast between nodes, as @socket.io/redis-adapter 8 and @socket.io/redis-emitter 5.1 write it:
// [uid, {type, data, nsp}, {rooms, except, flags}]. Pure; any thread.
#include <string>
#include <string_view>

#include "socketio/redis_adapter/shared.hpp"

namespace pulse::socketio::redis_adapter {

struct BroadcastMessage {
    std::string uid;  // of the sender's adapter; "emitter"
    std::string nsp;
    Event event;
    Target target;
};

std::string encode_broadcast(std::string_view uid, std::string_view nsp, std::string_view event,
                             const Args& args, const Target& target, Encoding encoding);
Decoded<BroadcastMessage> decode_broadcast(std::string_view bytes, std::size_t max_attachments);

}  // namespace pulse::socketio::redis_adapter
