#pragma once
// The text part of a Socket.IO 5 packet: reading with every rule of the protocol, and writing. Pure; any
// thread. JSON is read by Boost.JSON with its default depth limit of 32: deeper payloads are invalid.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "socketio/socket.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

enum class PacketType : std::uint8_t {
    connect,
    disconnect,
    event,
    ack,
    connect_error,
    binary_event,
    binary_ack,
};
inline constexpr std::size_t packet_types = 7;
std::string_view to_string(PacketType type);

// An acknowledgement's number as the client wrote it: leading zeros are echoed.
struct AckId {
    std::uint64_t value = 0;
    std::uint8_t digits = 1;
    bool operator==(const AckId&) const = default;
};

// What stands before the JSON, and the JSON unread. Views into the packet's text.
struct PacketHead {
    PacketType type = PacketType::event;
    std::size_t attachments = 0;
    std::string_view nsp = "/";
    std::optional<AckId> id{};
    std::string_view json{};
    bool operator==(const PacketHead&) const = default;
};

// Why a packet closes its connection (Socket.IO protocol 5).
enum class PacketError {
    unknown_type,
    bad_attachment_count,
    too_many_attachments,
    namespace_too_long,
    bad_ack_id,
    bad_json,
    bad_msgpack,
    wrong_payload,
    reserved_event,
    illegal_attachment,
    attachments_too_large,
    unexpected_binary,  // no packet waits for one
    unexpected_text,    // while a packet waits for its attachments
};
std::string_view to_string(PacketError error);

template <class T>
using Parsed = boost::system::result<T, PacketError>;

inline constexpr std::size_t max_namespace_name = 256;

Parsed<PacketHead> parse_head(std::string_view text, std::size_t max_attachments);

// The payload by the rules of the packet's type. CONNECT: an object, {} if absent. DISCONNECT: null, for
// there must be none. EVENT: an array whose first element is the event's name. ACK: an array, [] if absent.
// CONNECT_ERROR, which a client has no business sending: an object or a string. With attachments, every
// placeholder in it must be one of them.
Parsed<boost::json::value> parse_payload(const PacketHead& head);
// The same rules for a payload that was read already; nullopt: absent.
Parsed<boost::json::value> check_payload(PacketType type, std::size_t attachments,
                                         std::optional<boost::json::value> payload);

// Names the protocol keeps for itself.
bool is_reserved_event(std::string_view name);

// The text of a packet. With attachments in `args` these are the binary types, and the attachments must
// follow as messages of their own.
std::string encode_event(std::string_view nsp, std::string_view event, const Args& args,
                         std::optional<std::uint64_t> id = std::nullopt);
std::string encode_ack(std::string_view nsp, AckId id, const Args& args);
// `pid`: what a client comes back with (recovery.hpp); empty: none.
std::string encode_connect(std::string_view nsp, std::string_view sid, std::string_view pid = {});
std::string encode_connect_error(std::string_view nsp, const ConnectError& error);
std::string encode_disconnect(std::string_view nsp);

}  // namespace pulse::socketio
