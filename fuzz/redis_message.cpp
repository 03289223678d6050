// What comes from other nodes through Redis: broadcasts, requests, responses, in msgpack and JSON. What was
// accepted is the same when written again, in either.
#include <string>
#include <utility>
#include <variant>

#include "json_equal.hpp"
#include "promise.hpp"
#include "socketio/redis_adapter/broadcast_message.hpp"
#include "socketio/redis_adapter/channels.hpp"
#include "socketio/redis_adapter/request.hpp"
#include "socketio/redis_adapter/response.hpp"
#include "targets.hpp"

namespace pulse::fuzz {
namespace {

namespace wire = socketio::redis_adapter;
using socketio::Args;
using socketio::Target;
using wire::Encoding;

constexpr std::size_t most_attachments = 10;
constexpr Encoding encodings[] = {Encoding::msgpack, Encoding::json};

// In JSON binary is an array within an object, which a message as deep as may be read has no room for. None
// that a client's packet can become is that deep.
bool has_room_for_json(std::string_view input) {
    const auto body = wire::decode_body(input, most_attachments);
    return body.has_value() && depth_of(body->value) <= 32 + 2;
}

// JSON has no binary: there it is an object with the bytes, so both sides are compared as that.
bool same_args(const Args& a, const Args& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!same(wire::plain_json(a[i], a.attachments), {}, wire::plain_json(b[i], b.attachments), {})) {
            return false;
        }
    }
    return true;
}

bool same_event(const wire::Event& a, const wire::Event& b) {
    return a.name == b.name && same_args(a.args, b.args);
}

bool same_target(const Target& a, const Target& b) { return a.rooms == b.rooms && a.except == b.except; }

void broadcast(std::string_view input) {
    const auto read = wire::decode_broadcast(input, most_attachments);
    if (!read) return;
    const bool json_too = has_room_for_json(input);
    for (const auto encoding : encodings) {
        if (encoding == Encoding::json && !json_too) continue;
        const auto again =
            wire::decode_broadcast(wire::encode_broadcast(read->uid, read->nsp, read->event.name,
                                                          read->event.args, read->target, encoding),
                                   most_attachments);
        promise(again.has_value(), "a broadcast that is written can be read");
        promise(again->uid == read->uid && again->nsp == read->nsp, "it is the same sender and namespace");
        promise(same_event(again->event, read->event), "it is the same event");
        promise(same_target(again->target, read->target) && again->target.delivery == read->target.delivery,
                "it goes to the same sockets");
    }
}

void request_is_same(const wire::Request& read, const std::string& written) {
    const auto again = wire::decode_request(written, most_attachments);
    promise(again.has_value(), "a request that is written can be read");
    promise(again->uid == read.uid && again->id == read.id, "it is of the same node");
    promise(again->what.index() == read.what.index(), "it asks for the same");
    if (const auto* move = std::get_if<wire::Move>(&read.what)) {
        const auto& other = std::get<wire::Move>(again->what);
        promise(move->join == other.join && move->rooms == other.rooms, "the same rooms");
        promise(same_target(move->target, other.target), "of the same sockets");
    } else if (const auto* event = std::get_if<wire::ServerSideEmit>(&read.what)) {
        promise(same_event(event->event, std::get<wire::ServerSideEmit>(again->what).event),
                "the same event");
    } else if (const auto* ask = std::get_if<wire::BroadcastWithAck>(&read.what)) {
        const auto& other = std::get<wire::BroadcastWithAck>(again->what);
        promise(ask->nsp == other.nsp && same_event(ask->event, other.event), "the same broadcast");
        promise(same_target(ask->target, other.target), "to the same sockets");
        promise(ask->timeout.value_or(Duration()) == other.timeout, "within the same time");
    } else if (const auto* end = std::get_if<wire::Disconnect>(&read.what)) {
        const auto& other = std::get<wire::Disconnect>(again->what);
        promise(end->close == other.close && same_target(end->target, other.target), "the same end");
    }
}

void request(std::string_view input) {
    const auto read = wire::decode_request(input, most_attachments);
    if (!read || !has_room_for_json(input)) return;
    if (const auto* move = std::get_if<wire::Move>(&read->what)) {
        request_is_same(*read, wire::encode_move(read->uid, read->id, move->join, move->target, move->rooms));
    } else if (const auto* end = std::get_if<wire::Disconnect>(&read->what)) {
        request_is_same(*read, wire::encode_disconnect(read->uid, read->id, end->target, end->close));
    } else if (const auto* fetch = std::get_if<wire::Fetch>(&read->what)) {
        request_is_same(*read, wire::encode_fetch(read->uid, read->id, fetch->target));
    } else if (const auto* emit = std::get_if<wire::ServerSideEmit>(&read->what)) {
        const auto& [name, args] = emit->event;
        request_is_same(*read, wire::encode_server_side_emit(read->uid, read->id, name, args));
    } else if (const auto* ask = std::get_if<wire::BroadcastWithAck>(&read->what)) {
        for (const auto encoding : encodings) {
            request_is_same(*read, wire::encode_broadcast_with_ack(
                                       read->uid, read->id, ask->nsp, ask->event.name, ask->event.args,
                                       ask->target, ask->timeout.value_or(Duration()), encoding));
        }
    }
}

std::string write(const wire::Response& response, Encoding encoding) {
    if (const auto* sockets = std::get_if<wire::SocketsAnswer>(&response.what)) {
        return wire::encode_fetched(response.request_id, sockets->sockets);
    }
    if (const auto* value = std::get_if<wire::ServerSideAnswer>(&response.what)) {
        return wire::encode_server_side_answer(response.request_id, Args(boost::json::array{value->value}));
    }
    if (const auto* count = std::get_if<wire::ClientCount>(&response.what)) {
        return wire::encode_client_count(response.request_id, count->clients);
    }
    return wire::encode_client_answer(response.request_id, std::get<wire::ClientAnswer>(response.what).args,
                                      encoding);
}

void response(std::string_view input) {
    const auto read = wire::decode_response(input, most_attachments);
    if (!read || !has_room_for_json(input)) return;
    for (const auto encoding : encodings) {
        const auto again = wire::decode_response(write(*read, encoding), most_attachments);
        promise(again.has_value(), "a response that is written can be read");
        promise(again->request_id == read->request_id && again->what.index() == read->what.index(),
                "it answers the same request");
        if (const auto* sockets = std::get_if<wire::SocketsAnswer>(&read->what)) {
            promise(std::get<wire::SocketsAnswer>(again->what).sockets.size() == sockets->sockets.size(),
                    "with as many sockets");
        } else if (const auto* count = std::get_if<wire::ClientCount>(&read->what)) {
            promise(std::get<wire::ClientCount>(again->what).clients == count->clients,
                    "with the same count");
        } else if (const auto* answer = std::get_if<wire::ClientAnswer>(&read->what)) {
            const auto& other = std::get<wire::ClientAnswer>(again->what).args;
            promise(answer->args.size() == 0 || same_args(answer->args, other), "with the same answer");
        }
    }
}

void channel(std::string_view input) {
    const wire::Channels channels("socket.io", "/", "Ab3dE6");
    promise(channels.room_of(channels.room(input)) == input, "a room's channel names the room");
    if (const auto room = channels.room_of(input)) {
        promise(channels.room(*room) == input, "a channel's room names the channel");
    }
}

}  // namespace

void redis_message(std::string_view input) {
    switch (take_choice(input) % 4) {
        case 0:
            return broadcast(input);
        case 1:
            return request(input);
        case 2:
            return response(input);
        default:
            return channel(input);
    }
}

}  // namespace pulse::fuzz
