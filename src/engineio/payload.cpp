#include "engineio/payload.hpp"

#include "base/base64.hpp"

namespace pulse::engineio {

void append_to_payload(std::string& payload, const Frame& frame) {
    if (!payload.empty()) payload += record_separator;
    if (frame.binary()) {
        payload += 'b';
        base64_append(payload, frame.payload());
    } else {
        payload += frame.payload();
    }
}

Result<Packet, ParseError> PayloadReader::next() {
    // JSON escapes the separator, so it never occurs inside a packet.
    const auto end = rest_.find(record_separator);
    const auto packet = rest_.substr(0, end);
    more_ = end != std::string_view::npos;
    rest_ = more_ ? rest_.substr(end + 1) : std::string_view();
    return parse_packet(packet);
}

}  // namespace pulse::engineio
