#pragma once
// What nodes say to each other, as @socket.io/redis-streams-adapter 0.3 writes it: a cluster message
// {type, data, uid, nsp}. Events and commands are entries of the stream, its parts their fields; what expects
// answers, and the answers, are published, msgpack as a whole. Pure; any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "socketio/cluster/answers.hpp"
#include "socketio/cluster/body.hpp"

namespace pulse::socketio::redis_streams {

using cluster::BadMessage;
using cluster::Decoded;
using cluster::Event;
using cluster::Response;

enum class MessageType {
    broadcast = 3,
    sockets_join = 4,
    sockets_leave = 5,
    disconnect_sockets = 6,
    fetch_sockets = 7,
    fetch_sockets_response = 8,
    server_side_emit = 9,
    server_side_emit_response = 10,
    broadcast_client_count = 11,
    broadcast_ack = 12,
};

struct Broadcast {
    Target target;
    Event event;
};
struct Move {
    bool join = false;  // or leave
    Target target;
    std::vector<std::string> rooms;
};
struct Disconnect {
    Target target;
    bool close = false;
};
// Whether who was away gets it afterwards: not what may be dropped, or has its newest value elsewhere.
inline bool is_recoverable(const Target& target) {
    return target.delivery == Delivery::reliable && !target.retain;
}
// In the stream.
using Action = std::variant<Broadcast, Move, Disconnect>;

// The field `data` of an entry: JSON, or where there is binary in it msgpack in base64.
struct Fields {
    MessageType type{};
    std::string data;
};
Fields encode_broadcast(std::string_view event, const Args& args, const Target& target);
Fields encode_move(const Move& move);
Fields encode_disconnect(const Disconnect& disconnect);
// An entry as it was read, its data unread. Views into the reply.
struct Entry {
    std::string_view id;
    std::string_view uid;
    std::string_view nsp;
    std::string_view type;
    std::string_view data;
    // Our own additional field: the number that a node of ours gave it. Node's adapter does not look at it.
    std::optional<std::uint64_t> number;
};
Decoded<Action> decode_action(const Entry& entry, std::size_t max_attachments);

// Published.
struct Fetch {
    Target target;
};
struct ServerSideEmit {
    Event event;
};
struct BroadcastWithAck {
    Event event;
    Target target;
    std::optional<Duration> timeout;
};
struct Request {
    std::string uid;  // of the node that asks
    std::string id;   // for the answer; "": none is wanted
    std::variant<Fetch, ServerSideEmit, BroadcastWithAck> what;
};
struct Sender {
    std::string_view uid;
    std::string_view nsp;
};
std::string encode_fetch(Sender sender, std::string_view id, const Target& target);
std::string encode_server_side_emit(Sender sender, std::string_view id, std::string_view event,
                                    const Args& args);
std::string encode_broadcast_with_ack(Sender sender, std::string_view id, std::string_view event,
                                      const Args& args, const Target& target, Duration timeout);
std::string encode_fetched(Sender sender, std::string_view id, const std::vector<RemoteSocket>& sockets);
std::string encode_server_side_answer(Sender sender, std::string_view id, const Args& answer);
std::string encode_client_count(Sender sender, std::string_view id, std::size_t clients);
std::string encode_client_answer(Sender sender, std::string_view id, const Args& answer);

// A request or an answer; which `nsp` and `uid` it is of.
struct Published {
    std::string uid;
    std::string nsp;
    std::variant<Request, Response> what;
};
Decoded<Published> decode_published(std::string_view bytes, std::size_t max_attachments);

}  // namespace pulse::socketio::redis_streams
