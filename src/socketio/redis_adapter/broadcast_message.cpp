#include "socketio/redis_adapter/broadcast_message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "socketio/packet.hpp"

namespace pulse::socketio::redis_adapter {
namespace json = boost::json;

namespace {

// The type stays EVENT with binary in it too; emitters of old did write BINARY_EVENT.
bool is_event(const json::value& type) {
    return type == int(PacketType::event) || type == int(PacketType::binary_event);
}

}  // namespace

std::string encode_broadcast(std::string_view uid, std::string_view nsp, std::string_view event,
                             const Args& args, const Target& target, Encoding encoding) {
    if (encoding == Encoding::json) {
        json::object opts = target_object(target);
        json::object flags;
        if (target.delivery == Delivery::may_drop) flags["volatile"] = true;
        if (target.delivery == Delivery::newest) flags["conflate"] = target.key;
        if (target.retain) flags["retain"] = target.key;
        if (!target.compress) flags["compress"] = false;
        opts["flags"] = std::move(flags);
        return json::serialize(json::array{json::string(uid.data(), uid.size()),
                                           packet_object(nsp, event, args), std::move(opts)});
    }
    MsgpackWriter writer;
    writer.array(3).text(uid);
    write_packet(writer, nsp, event, args);
    write_target(writer, target);
    return writer.take();
}

Decoded<BroadcastMessage> decode_broadcast(std::string_view bytes, std::size_t max_attachments) {
    auto body = decode_body(bytes, max_attachments);
    if (!body) return body.error();
    auto* parts = body->value.if_array();
    if (!parts || parts->size() < 2 || parts->size() > 3) return BadMessage::wrong_shape;
    BroadcastMessage message;
    const auto* uid = (*parts)[0].if_string();
    if (!uid) return BadMessage::wrong_shape;
    message.uid.assign(uid->data(), uid->size());
    if (!read_target(parts->size() == 3 ? &(*parts)[2] : nullptr, message.target)) {
        return BadMessage::wrong_shape;
    }
    const auto taken = take_packet((*parts)[1], body->attachments, message.nsp, message.event);
    if (taken.has_error()) return taken.error();
    return message;
}

void write_packet(MsgpackWriter& writer, std::string_view nsp, std::string_view event, const Args& args) {
    writer.map(3).text("type").integer(int(PacketType::event)).text("data");
    write_event(writer, event, args);
    writer.text("nsp").text(nsp);
}

json::object packet_object(std::string_view nsp, std::string_view event, const Args& args) {
    return {{"type", int(PacketType::event)},
            {"data", event_array(event, args)},
            {"nsp", json::string(nsp.data(), nsp.size())}};
}

Decoded<void> take_packet(json::value& packet, std::vector<std::string>& attachments, std::string& nsp,
                          Event& event) {
    auto* members = packet.if_object();
    if (!members) return BadMessage::wrong_shape;
    const auto* type = members->if_contains("type");
    if (!type || !is_event(*type)) return BadMessage::wrong_shape;
    nsp = members->contains("nsp") ? text_member(*members, "nsp") : "/";
    auto* data = members->if_contains("data");
    if (!data) return BadMessage::wrong_shape;
    auto taken = take_event(*data, attachments);
    if (taken.has_error()) return taken.error();
    event = std::move(*taken);
    if (is_reserved_event(event.name)) return BadMessage::reserved_event;
    return {};
}

}  // namespace pulse::socketio::redis_adapter
