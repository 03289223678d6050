#include "socketio/redis_adapter/request.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "socketio/redis_adapter/broadcast_message.hpp"

namespace pulse::socketio::redis_adapter {
namespace json = boost::json;

namespace {

json::string text(std::string_view value) { return json::string(value.data(), value.size()); }

bool is_true(const json::object& object, std::string_view key) {
    const auto* flag = object.if_contains(json::string_view(key.data(), key.size()));
    return flag && flag->is_bool() && flag->get_bool();
}

std::optional<RequestType> type_of(const json::object& request) {
    const auto* type = request.if_contains("type");
    if (!type || !type->is_number()) return std::nullopt;
    boost::system::error_code inexact;
    const auto number = type->to_number<std::int64_t>(inexact);
    if (inexact || number < 0 || number > std::int64_t(RequestType::broadcast_ack)) return std::nullopt;
    return RequestType(number);
}

// Reads the parts that requests share; the first that is wrong makes the whole request wrong.
class Reader {
public:
    Reader(json::object& request, std::vector<std::string>& attachments)
        : request_(request), attachments_(attachments), id_(text_member(request, "requestId")) {}

    Decoded<Request> read(RequestType type) {
        Request result{text_member(request_, "uid"), id_, ListRooms{}};
        switch (type) {
            case RequestType::sockets: {
                ListSockets list;
                if (!read_names(request_.if_contains("rooms"), list.target.rooms)) return wrong();
                return answered(result, std::move(list));
            }
            case RequestType::all_rooms:
                return answered(result, ListRooms{});
            case RequestType::remote_join:
            case RequestType::remote_leave:
                return move(result, type == RequestType::remote_join);
            case RequestType::remote_disconnect:
                return disconnect(result);
            case RequestType::remote_fetch: {
                Fetch fetch;
                if (!read_target(request_.if_contains("opts"), fetch.target)) return wrong();
                return answered(result, std::move(fetch));
            }
            case RequestType::server_side_emit:
                return server_side_emit(result);
            case RequestType::broadcast:
                return broadcast(result);
            case RequestType::broadcast_client_count:
            case RequestType::broadcast_ack:
                break;  // answers; they have a channel of their own
        }
        return wrong();
    }

private:
    static BadMessage wrong() { return BadMessage::wrong_shape; }

    template <class What>
    Decoded<Request> done(Request& result, What what) {
        result.what = std::move(what);
        return std::move(result);
    }
    template <class What>
    Decoded<Request> answered(Request& result, What what) {
        if (id_.empty()) return wrong();
        return done(result, std::move(what));
    }

    Decoded<Request> move(Request& result, bool join) {
        Move action{join, {}, {}};
        if (const auto* opts = request_.if_contains("opts"); opts && opts->is_object()) {
            if (!read_target(opts, action.target)) return wrong();
            if (!read_names(request_.if_contains("rooms"), action.rooms)) return wrong();
            return done(result, std::move(action));
        }
        std::string sid = text_member(request_, "sid");
        action.target.rooms = {sid};
        action.rooms = {text_member(request_, "room")};
        if (sid.empty() || action.rooms[0].empty()) return wrong();
        return answered(result, OfOneSocket<Move>{std::move(sid), std::move(action)});
    }

    Decoded<Request> disconnect(Request& result) {
        Disconnect action{{}, is_true(request_, "close")};
        if (const auto* opts = request_.if_contains("opts"); opts && opts->is_object()) {
            if (!read_target(opts, action.target)) return wrong();
            return done(result, std::move(action));
        }
        std::string sid = text_member(request_, "sid");
        if (sid.empty()) return wrong();
        action.target.rooms = {sid};
        return answered(result, OfOneSocket<Disconnect>{std::move(sid), std::move(action)});
    }

    Decoded<Request> server_side_emit(Request& result) {
        auto* data = request_.if_contains("data");
        if (!data) return wrong();
        auto event = take_event(*data, attachments_);
        if (event.has_error()) return event.error();
        return done(result, ServerSideEmit{std::move(*event)});
    }

    Decoded<Request> broadcast(Request& result) {
        BroadcastWithAck ask;
        const auto* opts = request_.if_contains("opts");
        if (!read_target(opts, ask.target)) return wrong();
        ask.timeout = read_timeout(opts);
        auto* packet = request_.if_contains("packet");
        if (!packet) return wrong();
        const auto taken = take_packet(*packet, attachments_, ask.nsp, ask.event);
        if (taken.has_error()) return taken.error();
        return answered(result, std::move(ask));
    }

    json::object& request_;
    std::vector<std::string>& attachments_;
    const std::string id_;
};

json::object begin(std::string_view uid, std::string_view id, RequestType type) {
    json::object request{{"uid", text(uid)}, {"type", int(type)}};
    if (!id.empty()) request["requestId"] = text(id);
    return request;
}

}  // namespace

Decoded<Request> decode_request(std::string_view bytes, std::size_t max_attachments) {
    auto body = decode_body(bytes, max_attachments);
    if (body.has_error()) return body.error();
    auto* request = body->value.if_object();
    if (!request) return BadMessage::wrong_shape;
    const auto type = type_of(*request);
    if (!type) return BadMessage::wrong_shape;
    return Reader(*request, body->attachments).read(*type);
}

std::string encode_move(std::string_view uid, std::string_view id, bool join, const Target& target,
                        const std::vector<std::string>& rooms) {
    json::object request = begin(uid, id, join ? RequestType::remote_join : RequestType::remote_leave);
    request["opts"] = target_object(target);
    request["rooms"] = name_array(rooms);
    return json::serialize(request);
}

std::string encode_disconnect(std::string_view uid, std::string_view id, const Target& target, bool close) {
    json::object request = begin(uid, id, RequestType::remote_disconnect);
    request["opts"] = target_object(target);
    request["close"] = close;
    return json::serialize(request);
}

std::string encode_fetch(std::string_view uid, std::string_view id, const Target& target) {
    json::object request = begin(uid, id, RequestType::remote_fetch);
    request["opts"] = target_object(target);
    return json::serialize(request);
}

std::string encode_server_side_emit(std::string_view uid, std::string_view id, std::string_view event,
                                    const Args& args) {
    json::object request = begin(uid, id, RequestType::server_side_emit);
    request["data"] = event_array(event, args);
    return json::serialize(request);
}

std::string encode_broadcast_with_ack(std::string_view uid, std::string_view id, std::string_view nsp,
                                      std::string_view event, const Args& args, const Target& target,
                                      Duration timeout, Encoding encoding) {
    if (encoding == Encoding::json) {
        json::object request = begin(uid, id, RequestType::broadcast);
        request["packet"] = packet_object(nsp, event, args);
        json::object opts = target_object(target);
        opts["flags"] = json::object{{"timeout", timeout / std::chrono::milliseconds(1)}};
        request["opts"] = std::move(opts);
        return json::serialize(request);
    }
    MsgpackWriter writer;
    writer.map(5).text("uid").text(uid).text("requestId").text(id);
    writer.text("type").integer(int(RequestType::broadcast)).text("packet");
    write_packet(writer, nsp, event, args);
    writer.text("opts");
    write_target(writer, target, timeout);
    return writer.take();
}

}  // namespace pulse::socketio::redis_adapter
