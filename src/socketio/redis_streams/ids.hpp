#pragma once
// Names of nodes and of requests, as Node's cluster adapters make them: 16 hexadecimal digits. Any thread.
#include <string>

namespace pulse::socketio::redis_streams {

std::string make_id();

}  // namespace pulse::socketio::redis_streams
