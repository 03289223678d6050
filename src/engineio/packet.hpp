#pragma once
// Engine.IO 4 packets: one digit that says the type, then text. A binary message has no digit: it is a
// binary frame on a websocket, and "b" + base64 in text. Pure; any thread.
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pulse::engineio {

enum class PacketType { open, close, ping, pong, message, upgrade, noop };  // in the order of their digits

enum class ParseError { empty, unknown_type, bad_base64, bad_utf8 };
[[noreturn]] void throw_exception_from_error(ParseError error, const boost::source_location&);

struct Packet {
    PacketType type = PacketType::noop;
    bool binary = false;
    std::string_view text{};  // after the digit; points into what was parsed
    std::string bytes{};      // of a binary message, decoded
    bool operator==(const Packet&) const = default;
};

// Reads one packet of a polling payload or one websocket text message.
Result<Packet, ParseError> parse_packet(std::string_view wire);

}  // namespace pulse::engineio
