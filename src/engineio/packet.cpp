#include "engineio/packet.hpp"

#include <stdexcept>

#include "base/base64.hpp"

namespace pulse::engineio {

void throw_exception_from_error(ParseError, const boost::source_location&) {
    throw std::logic_error("the packet of a failed parse was asked for");
}

Result<Packet, ParseError> parse_packet(std::string_view wire) {
    if (wire.empty()) return ParseError::empty;
    const char type = wire.front();
    const std::string_view rest = wire.substr(1);
    // Clients made with forceBase64 send this on websockets too.
    if (type == 'b') {
        auto bytes = base64_decode(rest);
        if (!bytes) return ParseError::bad_base64;
        return Packet{.type = PacketType::message, .binary = true, .bytes = std::move(*bytes)};
    }
    if (type < '0' || type > '6') return ParseError::unknown_type;
    return Packet{.type = PacketType(type - '0'), .text = rest};
}

}  // namespace pulse::engineio
