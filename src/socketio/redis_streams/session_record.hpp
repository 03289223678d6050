#pragma once
// A session as it is kept in Redis: base64 of msgpack of {sid, pid, rooms, data}, as Node's adapter keeps it,
// and what only our nodes know besides: nsp, owner, start, sent, settled. Node's servers do not look at
// these, and recover a session of ours; one of theirs is without them. Pure; any thread.
#include <optional>
#include <string>
#include <string_view>

#include "socketio/cluster_log.hpp"

namespace pulse::socketio::redis_streams {

std::string encode_session(std::string_view nsp, const LeftSession& session);
// nullopt: it is none, or of another namespace.
std::optional<LeftSession> decode_session(std::string_view nsp, std::string_view text);

}  // namespace pulse::socketio::redis_streams
