#include "socketio/redis_adapter/response.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

#include "socketio/redis_adapter/request.hpp"

namespace pulse::socketio::redis_adapter {
namespace json = boost::json;

namespace {

json::object begin(std::string_view request_id) {
    return {{"requestId", json::string(request_id.data(), request_id.size())}};
}

// A socket of another node; what is missing stays empty. Nothing without an id is one.
std::optional<RemoteSocket> read_socket(json::value& value) {
    auto* object = value.if_object();
    if (!object) return std::nullopt;
    RemoteSocket socket;
    socket.id = text_member(*object, "id");
    if (socket.id.empty() || !read_names(object->if_contains("rooms"), socket.rooms)) return std::nullopt;
    if (auto* handshake = object->if_contains("handshake"); handshake && handshake->is_object()) {
        socket.handshake = std::move(handshake->get_object());
    }
    if (auto* data = object->if_contains("data")) socket.data = std::move(*data);
    return socket;
}

SocketsAnswer read_sockets(json::array& items) {
    SocketsAnswer fetched;
    for (auto& item : items) {
        if (auto socket = read_socket(item)) fetched.sockets.push_back(std::move(*socket));
    }
    return fetched;
}

// What is answered is one value: an acknowledgement's first.
json::value first_of(const Args& answer) {
    return answer.size() > 0 ? plain_json(answer[0], answer.attachments) : json::value(nullptr);
}

}  // namespace

Decoded<Response> decode_response(std::string_view bytes, std::size_t max_attachments) {
    auto body = decode_body(bytes, max_attachments);
    if (body.has_error()) return body.error();
    auto* object = body->value.if_object();
    if (!object) return BadMessage::wrong_shape;
    Response response{text_member(*object, "requestId"), {}};
    if (response.request_id.empty()) return BadMessage::wrong_shape;

    if (const auto* type = object->if_contains("type")) {
        if (*type == int(RequestType::server_side_emit)) {
            auto* value = object->if_contains("data");
            response.what = ServerSideAnswer{value ? std::move(*value) : json::value(nullptr)};
            return response;
        }
        if (*type == int(RequestType::broadcast_client_count)) {
            const auto* count = object->if_contains("clientCount");
            boost::system::error_code inexact;
            constexpr std::uint64_t most = 100'000'000;
            const auto clients =
                count && count->is_number() ? count->to_number<std::uint64_t>(inexact) : most + 1;
            if (inexact || clients > most) return BadMessage::wrong_shape;
            response.what = ClientCount{std::size_t(clients)};
            return response;
        }
        if (*type == int(RequestType::broadcast_ack)) {
            ClientAnswer answer;
            if (auto* value = object->if_contains("packet")) {
                answer.args.json.push_back(std::move(*value));
                answer.args.attachments = std::move(body->attachments);
            }
            response.what = std::move(answer);
            return response;
        }
        return BadMessage::wrong_shape;
    }
    auto* sockets = object->if_contains("sockets");
    if (!sockets || !sockets->is_array()) return BadMessage::wrong_shape;
    response.what = read_sockets(sockets->get_array());
    return response;
}

std::string encode_done(std::string_view request_id) { return json::serialize(begin(request_id)); }

std::string encode_socket_ids(std::string_view request_id, const std::vector<RemoteSocket>& sockets) {
    json::array ids;
    for (const auto& socket : sockets) ids.emplace_back(json::string(socket.id));
    json::object response = begin(request_id);
    response["sockets"] = std::move(ids);
    return json::serialize(response);
}

std::string encode_rooms(std::string_view request_id, const std::vector<std::string>& rooms) {
    json::object response = begin(request_id);
    response["rooms"] = name_array(rooms);
    return json::serialize(response);
}

std::string encode_fetched(std::string_view request_id, const std::vector<RemoteSocket>& sockets) {
    json::array items;
    for (const auto& socket : sockets) {
        items.push_back(json::object{{"id", json::string(socket.id)},
                                     {"handshake", socket.handshake},
                                     {"rooms", name_array(socket.rooms)},
                                     {"data", plain_json(socket.data, {})}});
    }
    json::object response = begin(request_id);
    response["sockets"] = std::move(items);
    return json::serialize(response);
}

std::string encode_server_side_answer(std::string_view request_id, const Args& answer) {
    json::object response = begin(request_id);
    response["type"] = int(RequestType::server_side_emit);
    response["data"] = first_of(answer);
    return json::serialize(response);
}

std::string encode_client_count(std::string_view request_id, std::size_t clients) {
    json::object response = begin(request_id);
    response["type"] = int(RequestType::broadcast_client_count);
    response["clientCount"] = clients;
    return json::serialize(response);
}

std::string encode_client_answer(std::string_view request_id, const Args& answer, Encoding encoding) {
    if (encoding == Encoding::json) {
        json::object response = begin(request_id);
        response["type"] = int(RequestType::broadcast_ack);
        response["packet"] = first_of(answer);
        return json::serialize(response);
    }
    MsgpackWriter writer;
    writer.map(3).text("type").integer(int(RequestType::broadcast_ack));
    writer.text("requestId").text(request_id).text("packet");
    if (answer.size() > 0) {
        writer.value(answer[0], answer.attachments);
    } else {
        writer.nil();
    }
    return writer.take();
}

}  // namespace pulse::socketio::redis_adapter
