#include "socketio/redis_adapter/broadcast_message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace pulse::socketio::redis_adapter {
namespace json = boost::json;

std::string encode_broadcast(std::string_view uid, std::string_view nsp, std::string_view event,
                             const Args& args, const Target& target, Encoding encoding) {
    if (encoding == Encoding::json) {
        json::object opts = target_object(target);
        opts["flags"] = flags_object(target);
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

}  // namespace pulse::socketio::redis_adapter
