#include "socketio/cluster/answers.hpp"

namespace pulse::socketio::cluster {
namespace json = boost::json;

namespace {

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

}  // namespace

SocketsAnswer take_sockets(json::array& items) {
    SocketsAnswer fetched;
    for (auto& item : items) {
        if (auto socket = read_socket(item)) fetched.sockets.push_back(std::move(*socket));
    }
    return fetched;
}

json::array sockets_array(const std::vector<RemoteSocket>& sockets) {
    json::array items;
    items.reserve(sockets.size());
    for (const auto& socket : sockets) {
        items.push_back(json::object{{"id", json::string(socket.id)},
                                     {"handshake", socket.handshake},
                                     {"rooms", name_array(socket.rooms)},
                                     {"data", plain_json(socket.data, {})}});
    }
    return items;
}

std::optional<ClientCount> read_client_count(const json::object& object) {
    const auto* count = object.if_contains("clientCount");
    boost::system::error_code inexact;
    constexpr std::uint64_t most = 100'000'000;
    const auto clients = count && count->is_number() ? count->to_number<std::uint64_t>(inexact) : most + 1;
    if (inexact || clients > most) return std::nullopt;
    return ClientCount{std::size_t(clients)};
}

json::value first_of(const Args& answer) {
    return answer.size() > 0 ? plain_json(answer[0], answer.attachments) : json::value(nullptr);
}

}  // namespace pulse::socketio::cluster
