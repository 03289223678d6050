#include "socketio/redis_adapter/channels.hpp"

namespace pulse::socketio::redis_adapter {
namespace {

std::string name(std::string_view prefix, std::string_view kind, std::string_view nsp) {
    std::string out(prefix);
    out += kind;
    out += '#';
    out += nsp;
    out += '#';
    return out;
}

}  // namespace

Channels::Channels(std::string_view prefix, std::string_view nsp, std::string_view uid)
    : broadcasts(name(prefix, "", nsp)),
      requests(name(prefix, "-request", nsp)),
      responses(name(prefix, "-response", nsp)),
      own_responses(responses_to(uid)) {}

std::string Channels::room(std::string_view room) const {
    std::string out;
    out.reserve(broadcasts.size() + room.size() + 1);
    out += broadcasts;
    out += room;
    out += '#';
    return out;
}

std::optional<std::string_view> Channels::room_of(std::string_view channel) const {
    if (!channel.starts_with(broadcasts)) return std::nullopt;
    channel.remove_prefix(broadcasts.size());
    if (channel.empty() || channel.back() != '#') return std::nullopt;
    channel.remove_suffix(1);
    return channel;
}

std::string Channels::responses_to(std::string_view uid) const {
    std::string out = responses;
    out += uid;
    out += '#';
    return out;
}

}  // namespace pulse::socketio::redis_adapter
