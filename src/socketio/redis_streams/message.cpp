#include "socketio/redis_streams/message.hpp"

#include <boost/json/serialize.hpp>
#include <charconv>

#include "base/base64.hpp"
#include "socketio/packet.hpp"

namespace pulse::socketio::redis_streams {
namespace json = boost::json;
using namespace cluster;  // NOLINT(google-build-using-namespace): what both formats write alike

namespace {

constexpr std::size_t around_entry = 3;      // data, packet, its array
constexpr std::size_t around_published = 4;  // the message too

bool is_true(const json::object& object, std::string_view key) {
    const auto* flag = object.if_contains(json::string_view(key.data(), key.size()));
    return flag && flag->is_bool() && flag->get_bool();
}

json::object opts_object(const Target& target) {
    json::object opts = target_object(target);
    opts["flags"] = flags_object(target);
    return opts;
}

// The type by its number; nullopt for one that we neither send nor answer.
std::optional<MessageType> known_type(std::int64_t number) {
    if (number < int(MessageType::broadcast) || number > int(MessageType::broadcast_ack)) return std::nullopt;
    return MessageType(number);
}

// The packet of a broadcast. Which namespace it is for the message says; Node's own packets do not.
Decoded<void> take_event_packet(json::object& data, std::vector<std::string>& attachments, Event& event) {
    auto* packet = data.if_contains("packet");
    if (!packet) return BadMessage::wrong_shape;
    std::string said_by_packet;
    return take_packet(*packet, attachments, said_by_packet, event);
}

Decoded<Action> take_action(MessageType type, json::object& data, std::vector<std::string>& attachments) {
    const auto* opts = data.if_contains("opts");
    if (!opts || !opts->is_object()) return BadMessage::wrong_shape;
    Target target;
    if (!read_target(opts, target)) return BadMessage::wrong_shape;
    if (type == MessageType::broadcast) {
        Broadcast broadcast{std::move(target), {}};
        const auto taken = take_event_packet(data, attachments, broadcast.event);
        if (taken.has_error()) return taken.error();
        return Action(std::move(broadcast));
    }
    if (type == MessageType::disconnect_sockets) return Action(Disconnect{target, is_true(data, "close")});
    Move move{type == MessageType::sockets_join, std::move(target), {}};
    if (!read_names(data.if_contains("rooms"), move.rooms)) return BadMessage::wrong_shape;
    return Action(std::move(move));
}

// A message up to its data, of which so many members follow.
MsgpackWriter begin(Sender sender, MessageType type, std::size_t members) {
    MsgpackWriter writer;
    writer.map(4).text("uid").text(sender.uid).text("nsp").text(sender.nsp);
    writer.text("type").integer(int(type)).text("data").map(members);
    return writer;
}

MsgpackWriter begin_answer(Sender sender, MessageType type, std::string_view id) {
    auto writer = begin(sender, type, 2);
    writer.text("requestId").text(id);
    return writer;
}

}  // namespace

Fields encode_broadcast(std::string_view event, const Args& args, const Target& target) {
    Fields fields{MessageType::broadcast, {}};
    if (args.attachments.empty()) {
        fields.data = json::serialize(json::object{
            {"packet", json::object{{"type", int(PacketType::event)}, {"data", event_array(event, args)}}},
            {"opts", opts_object(target)}});
    } else {
        MsgpackWriter writer;
        writer.map(2).text("packet").map(2).text("type").integer(int(PacketType::event)).text("data");
        write_event(writer, event, args);
        writer.text("opts");
        write_target(writer, target);
        fields.data = base64_encode(writer.take());
    }
    return fields;
}

Fields encode_move(const Move& move) {
    return {
        move.join ? MessageType::sockets_join : MessageType::sockets_leave,
        json::serialize(json::object{{"opts", opts_object(move.target)}, {"rooms", name_array(move.rooms)}})};
}

Fields encode_disconnect(const Disconnect& disconnect) {
    return {
        MessageType::disconnect_sockets,
        json::serialize(json::object{{"opts", opts_object(disconnect.target)}, {"close", disconnect.close}})};
}

Decoded<Action> decode_action(const Entry& entry, std::size_t max_attachments) {
    std::int64_t number = 0;
    const auto* const digits_end = entry.type.data() + entry.type.size();
    const auto [end, error] = std::from_chars(entry.type.data(), digits_end, number);
    const auto type = known_type(number);
    if (error != std::errc() || end != digits_end || !type || *type > MessageType::disconnect_sockets) {
        return BadMessage::wrong_shape;
    }
    std::optional<std::string> bytes;
    if (!entry.data.starts_with('{')) {
        bytes = base64_decode(entry.data);
        // What is no JSON here is msgpack, whatever it begins with.
        if (!bytes || bytes->starts_with('{') || bytes->starts_with('[')) return BadMessage::unreadable;
    }
    auto body = decode_body(bytes ? *bytes : entry.data, max_attachments, around_entry);
    if (body.has_error()) return body.error();
    auto* data = body->value.if_object();
    if (!data) return BadMessage::wrong_shape;
    return take_action(*type, *data, body->attachments);
}

std::string encode_fetch(Sender sender, std::string_view id, const Target& target) {
    auto writer = begin(sender, MessageType::fetch_sockets, 2);
    writer.text("opts");
    write_target(writer, target);
    return writer.text("requestId").text(id).take();
}

std::string encode_server_side_emit(Sender sender, std::string_view id, std::string_view event,
                                    const Args& args) {
    auto writer = begin(sender, MessageType::server_side_emit, id.empty() ? 1 : 2);
    if (!id.empty()) writer.text("requestId").text(id);
    writer.text("packet");
    write_event(writer, event, args);
    return writer.take();
}

std::string encode_broadcast_with_ack(Sender sender, std::string_view id, std::string_view event,
                                      const Args& args, const Target& target, Duration timeout) {
    auto writer = begin(sender, MessageType::broadcast, 3);
    writer.text("packet");
    write_packet(writer, sender.nsp, event, args);
    writer.text("requestId").text(id).text("opts");
    write_target(writer, target, timeout);
    return writer.take();
}

std::string encode_fetched(Sender sender, std::string_view id, const std::vector<RemoteSocket>& sockets) {
    auto writer = begin_answer(sender, MessageType::fetch_sockets_response, id);
    return writer.text("sockets").value(sockets_array(sockets), {}).take();
}

std::string encode_server_side_answer(Sender sender, std::string_view id, const Args& answer) {
    auto writer = begin_answer(sender, MessageType::server_side_emit_response, id);
    writer.text("packet");
    answer.size() > 0 ? writer.value(answer[0], answer.attachments) : writer.nil();
    return writer.take();
}

std::string encode_client_count(Sender sender, std::string_view id, std::size_t clients) {
    auto writer = begin_answer(sender, MessageType::broadcast_client_count, id);
    return writer.text("clientCount").unsigned_integer(clients).take();
}

std::string encode_client_answer(Sender sender, std::string_view id, const Args& answer) {
    auto writer = begin_answer(sender, MessageType::broadcast_ack, id);
    writer.text("packet");
    answer.size() > 0 ? writer.value(answer[0], answer.attachments) : writer.nil();
    return writer.take();
}

namespace {

Decoded<Published> take_request(MessageType type, std::string id, json::object& data,
                                std::vector<std::string>& attachments, Published message) {
    Request request{message.uid, std::move(id), Fetch{}};
    const auto* opts = data.if_contains("opts");
    if (type == MessageType::fetch_sockets) {
        Fetch fetch;
        if (request.id.empty() || !read_target(opts, fetch.target)) return BadMessage::wrong_shape;
        request.what = std::move(fetch);
    } else if (type == MessageType::server_side_emit) {
        auto* packet = data.if_contains("packet");
        if (!packet) return BadMessage::wrong_shape;
        auto event = take_event(*packet, attachments);
        if (event.has_error()) return event.error();
        request.what = ServerSideEmit{std::move(*event)};
    } else {
        BroadcastWithAck ask;
        // One without an id belongs into the stream.
        if (request.id.empty() || !read_target(opts, ask.target)) return BadMessage::wrong_shape;
        ask.timeout = read_timeout(opts);
        const auto taken = take_event_packet(data, attachments, ask.event);
        if (taken.has_error()) return taken.error();
        request.what = std::move(ask);
    }
    message.what = std::move(request);
    return message;
}

Decoded<Published> take_response(MessageType type, std::string id, json::object& data,
                                 std::vector<std::string>& attachments, Published message) {
    Response response{std::move(id), ClientCount{}};
    if (response.request_id.empty()) return BadMessage::wrong_shape;
    auto* packet = data.if_contains("packet");
    if (type == MessageType::fetch_sockets_response) {
        auto* sockets = data.if_contains("sockets");
        if (!sockets || !sockets->is_array()) return BadMessage::wrong_shape;
        response.what = take_sockets(sockets->get_array());
    } else if (type == MessageType::broadcast_client_count) {
        const auto count = read_client_count(data);
        if (!count) return BadMessage::wrong_shape;
        response.what = *count;
    } else if (type == MessageType::broadcast_ack) {
        ClientAnswer answer;
        if (packet) {
            answer.args.json.push_back(std::move(*packet));
            answer.args.attachments = std::move(attachments);
        }
        response.what = std::move(answer);
    } else {
        response.what = ServerSideAnswer{packet ? plain_json(*packet, attachments) : json::value(nullptr)};
    }
    message.what = std::move(response);
    return message;
}

}  // namespace

Decoded<Published> decode_published(std::string_view bytes, std::size_t max_attachments) {
    // The classic adapter and the sharded one speak on the same channels, in arrays and in JSON.
    if (bytes.starts_with('{') || bytes.starts_with('[')) return BadMessage::wrong_shape;
    auto body = decode_body(bytes, max_attachments, around_published);
    if (body.has_error()) return body.error();
    auto* object = body->value.if_object();
    auto* number = object ? object->if_contains("type") : nullptr;
    auto* data = object ? object->if_contains("data") : nullptr;
    if (!number || !number->is_number() || !data || !data->is_object()) return BadMessage::wrong_shape;
    boost::system::error_code inexact;
    const auto type = known_type(number->to_number<std::int64_t>(inexact));
    if (inexact || !type) return BadMessage::wrong_shape;
    Published message{text_member(*object, "uid"), text_member(*object, "nsp"), {}};
    auto id = text_member(data->get_object(), "requestId");
    switch (*type) {
        case MessageType::broadcast:
        case MessageType::fetch_sockets:
        case MessageType::server_side_emit:
            return take_request(*type, std::move(id), data->get_object(), body->attachments,
                                std::move(message));
        case MessageType::fetch_sockets_response:
        case MessageType::server_side_emit_response:
        case MessageType::broadcast_client_count:
        case MessageType::broadcast_ack:
            return take_response(*type, std::move(id), data->get_object(), body->attachments,
                                 std::move(message));
        case MessageType::sockets_join:
        case MessageType::sockets_leave:
        case MessageType::disconnect_sockets:
            break;  // these belong into the stream
    }
    return BadMessage::wrong_shape;
}

}  // namespace pulse::socketio::redis_streams
