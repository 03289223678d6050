#include "socketio/admin/admin_json.hpp"

#include <boost/json/serialize.hpp>

#include "socketio/handshake_json.hpp"

namespace pulse::socketio {
namespace json = boost::json;

namespace {

constexpr std::size_t longest_event = 10'000;  // in bytes of JSON

json::string_view text(std::string_view text) { return {text.data(), text.size()}; }

// Behind a proxy the peer's address is the proxy's.
json::value address_in(const json::object& handshake) {
    if (const auto* headers = handshake.if_contains("headers"); headers && headers->is_object()) {
        for (const auto* name : {"cf-connecting-ip", "x-forwarded-for"}) {
            const auto* value = headers->get_object().if_contains(name);
            if (value && value->is_string()) return *value;
        }
    }
    const auto* peer = handshake.if_contains("address");
    return peer ? *peer : json::value("");
}

// Depth is bounded by the JSON parser's limit, or is the application's own.
void name_binaries(json::value& value, const Args& args) {
    if (const auto bytes = args.binary(value)) {
        value = "<" + std::to_string(bytes->size()) + " bytes>";
    } else if (auto* array = value.if_array()) {
        for (auto& item : *array) name_binaries(item, args);
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) name_binaries(member.value(), args);
    }
}

}  // namespace

json::array aggregated_events(const Numbers& before, const Numbers& now, WallTime at) {
    json::array events;
    const auto second = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch();
    const auto timestamp = std::chrono::duration_cast<std::chrono::milliseconds>(second).count();
    const auto add = [&](std::string_view type, std::uint64_t was, std::uint64_t is) -> json::object* {
        if (is == was) return nullptr;
        events.push_back({{"timestamp", timestamp}, {"type", text(type)}, {"count", is - was}});
        return &events.back().get_object();
    };
    add("rawConnection", before.connections_opened, now.connections_opened);
    for (std::size_t reason = 0; reason < now.connections_closed.size(); ++reason) {
        auto* event =
            add("rawDisconnection", before.connections_closed[reason], now.connections_closed[reason]);
        if (event) (*event)["subType"] = text(to_string(engineio::CloseReason(reason)));
    }
    add("packetsIn", before.messages_in, now.messages_in);
    add("packetsOut", before.messages_out, now.messages_out);
    add("bytesIn", before.bytes_in, now.bytes_in);
    add("bytesOut", before.bytes_out, now.bytes_out);
    return events;
}

json::object admin_socket(RemoteSocket socket, std::string_view nsp) {
    json::object out{{"id", text(socket.id)}, {"nsp", text(nsp)}};
    if (auto* data = socket.data.if_object()) {
        if (const auto* connection = data->if_contains(text(admin_data));
            connection && connection->is_object()) {
            for (const auto& [name, value] : connection->get_object()) out[name] = value;
        }
        data->erase(text(admin_data));
    }
    out["data"] = std::move(socket.data);
    const auto address = address_in(socket.handshake);
    hide_credentials(socket.handshake);
    socket.handshake.erase("auth");
    socket.handshake["address"] = address;
    out["handshake"] = std::move(socket.handshake);
    json::array rooms;
    for (const auto& room : socket.rooms) rooms.emplace_back(text(room));
    out["rooms"] = std::move(rooms);
    return out;
}

json::array admin_event(std::string_view event, const Args& args) {
    json::array out;
    out.emplace_back(text(event));
    for (const auto& argument : args.json) {
        out.push_back(argument);
        name_binaries(out.back(), args);
    }
    const auto size = json::serialize(out).size();
    if (size <= longest_event) return out;
    return {text(event), "<" + std::to_string(size) + " bytes>"};
}

}  // namespace pulse::socketio
