#include "socketio/redis_adapter/response.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "socketio/redis_adapter/request.hpp"

namespace pulse::socketio::redis_adapter {
namespace json = boost::json;

namespace {

json::object begin(std::string_view request_id) {
    return {{"requestId", json::string(request_id.data(), request_id.size())}};
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
            const auto count = read_client_count(*object);
            if (!count) return BadMessage::wrong_shape;
            response.what = *count;
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
    response.what = take_sockets(sockets->get_array());
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
    json::object response = begin(request_id);
    response["sockets"] = sockets_array(sockets);
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
