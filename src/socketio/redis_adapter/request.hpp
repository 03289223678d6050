#pragma once
// What nodes ask of each other and answer (@socket.io/redis-adapter 8). A request is JSON, or msgpack
// where it carries a packet; an answer likewise. Pure; any thread.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "socketio/adapter.hpp"
#include "socketio/redis_adapter/shared.hpp"

namespace pulse::socketio::redis_adapter {

enum class RequestType {
    sockets,
    all_rooms,
    remote_join,
    remote_leave,
    remote_disconnect,
    remote_fetch,
    server_side_emit,
    broadcast,
    broadcast_client_count,
    broadcast_ack,
};

struct ListSockets {  // from nodes of version 7
    Target target;
};
struct ListRooms {};
struct Move {
    bool join = false;  // or leave
    Target target;
    std::vector<std::string> rooms;
};
struct Disconnect {
    Target target;
    bool close = false;
};
// Move or Disconnect of one socket, as older nodes ask for it: who has the socket answers.
template <class Action>
struct OfOneSocket {
    std::string sid;
    Action action;
};
struct Fetch {
    Target target;
};
struct ServerSideEmit {
    Event event;
};
struct BroadcastWithAck {
    std::string nsp;
    Event event;
    Target target;
    std::optional<Duration> timeout;
};

struct Request {
    std::string uid;  // of the node that asks; "emitter"; "" from emitters that say none
    std::string id;   // for the answer; may be "" where none, or none necessarily, is wanted
    std::variant<ListSockets, ListRooms, Move, Disconnect, OfOneSocket<Move>, OfOneSocket<Disconnect>, Fetch,
                 ServerSideEmit, BroadcastWithAck>
        what;
};
Decoded<Request> decode_request(std::string_view bytes, std::size_t max_attachments);

// Nobody answers a Move or a Disconnect: by its id we know our own when it comes back.
std::string encode_move(std::string_view uid, std::string_view id, bool join, const Target& target,
                        const std::vector<std::string>& rooms);
std::string encode_disconnect(std::string_view uid, std::string_view id, const Target& target, bool close);
std::string encode_fetch(std::string_view uid, std::string_view id, const Target& target);
// `id` is "" if no answer is wanted.
std::string encode_server_side_emit(std::string_view uid, std::string_view id, std::string_view event,
                                    const Args& args);
std::string encode_broadcast_with_ack(std::string_view uid, std::string_view id, std::string_view nsp,
                                      std::string_view event, const Args& args, const Target& target,
                                      Duration timeout, Encoding encoding);

}  // namespace pulse::socketio::redis_adapter
