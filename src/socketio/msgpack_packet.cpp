#include "socketio/msgpack_packet.hpp"

#include <boost/json/parse.hpp>
#include <numeric>
#include <vector>

#include "socketio/msgpack.hpp"

namespace pulse::socketio {
namespace json = boost::json;

namespace {

// The map around the payload is one level more than JSON's packets have.
constexpr std::size_t max_depth = 33;
// Of what the application emits, which no parser bounds when it is encoded as JSON.
constexpr std::size_t own_depth = 1000;

std::optional<PacketType> type_in(const json::object& packet) {
    const auto* type = packet.if_contains("type");
    if (!type || !type->is_number()) return std::nullopt;
    boost::system::error_code inexact;
    const auto number = type->to_number<std::uint8_t>(inexact);
    if (inexact || number > std::uint8_t(PacketType::connect_error)) return std::nullopt;
    return PacketType(number);
}

// False: there is one that is none.
bool read_id(const json::object& packet, std::optional<AckId>& id) {
    const auto* value = packet.if_contains("id");
    if (!value || value->is_null()) return true;
    if (!value->is_number()) return false;
    boost::system::error_code inexact;
    const auto number = value->to_number<std::uint64_t>(inexact);
    if (inexact) return false;
    id = AckId{number, 1};
    return true;
}

PacketType binary_type(PacketType type) {
    if (type == PacketType::event) return PacketType::binary_event;
    return type == PacketType::ack ? PacketType::binary_ack : type;
}

PacketType plain_type(PacketType type) {
    if (type == PacketType::binary_event) return PacketType::event;
    return type == PacketType::binary_ack ? PacketType::ack : type;
}

std::string encode(std::string_view text, const std::vector<std::string>& attachments) {
    const auto head = parse_head(text, attachments.size());
    const bool has_id = head->id.has_value();
    MsgpackWriter out;
    out.map(2 + (head->json.empty() ? 0 : 1) + (has_id ? 1 : 0));
    out.text("type").unsigned_integer(std::uint64_t(plain_type(head->type)));
    if (!head->json.empty()) {
        json::parse_options options;
        options.max_depth = own_depth;
        boost::system::error_code error;
        const auto payload =
            json::parse(json::string_view(head->json.data(), head->json.size()), error, {}, options);
        out.text("data").value(payload, attachments);
    }
    if (has_id) out.text("id").unsigned_integer(head->id->value);
    out.text("nsp").text(head->nsp);
    return out.take();
}

}  // namespace

Parsed<BinaryPacket> parse_msgpack_packet(std::string_view bytes, std::size_t max_attachments,
                                          std::size_t max_attachment_bytes) {
    auto decoded = decode_msgpack(bytes, {max_depth, max_attachments});
    if (decoded.has_error()) {
        return decoded.error() == MsgpackError::too_many_attachments ? PacketError::too_many_attachments
                                                                     : PacketError::bad_msgpack;
    }
    auto* members = decoded->value.if_object();
    if (!members) return PacketError::bad_msgpack;
    const auto type = type_in(*members);
    if (!type) return PacketError::unknown_type;
    BinaryPacket packet;
    packet.type = *type;
    const auto* nsp = members->if_contains("nsp");
    if (!nsp || !nsp->is_string() || !nsp->get_string().starts_with('/')) return PacketError::bad_msgpack;
    if (nsp->get_string().size() > max_namespace_name) return PacketError::namespace_too_long;
    packet.nsp = nsp->get_string();
    if (!read_id(*members, packet.id)) return PacketError::bad_ack_id;

    packet.attachments = std::move(decoded->attachments);
    const auto total =
        std::accumulate(packet.attachments.begin(), packet.attachments.end(), std::size_t(0),
                        [](std::size_t sum, const std::string& one) { return sum + one.size(); });
    if (total > max_attachment_bytes) return PacketError::attachments_too_large;
    if (!packet.attachments.empty()) {
        packet.type = binary_type(packet.type);
        if (packet.type != PacketType::binary_event && packet.type != PacketType::binary_ack) {
            return PacketError::wrong_payload;
        }
    }
    // The JavaScript client leaves out what there is not; the Python client sends nil.
    auto* data = members->if_contains("data");
    const bool absent = !data || data->is_null();
    auto payload = check_payload(packet.type, packet.attachments.size(),
                                 absent ? std::nullopt : std::optional(std::move(*data)));
    if (payload.has_error()) return payload.error();
    packet.payload = std::move(*payload);
    return packet;
}

engineio::FramePtr to_msgpack(const Outgoing& packet) {
    std::vector<std::string> attachments;
    for (const auto& bytes : packet.binaries) attachments.emplace_back(bytes->payload());
    return engineio::Frame::binary_message(encode(packet.text->payload().substr(1), attachments),
                                           packet.text->compress());
}

engineio::FramePtr to_msgpack(std::string_view packet) {
    return engineio::Frame::binary_message(encode(packet, {}));
}

}  // namespace pulse::socketio
