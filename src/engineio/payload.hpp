#pragma once
// Polling payloads (Engine.IO 4): packets as text, joined by the byte 0x1E. Pure; any thread.
#include <string>
#include <string_view>

#include "engineio/frame.hpp"
#include "engineio/packet.hpp"

namespace pulse::engineio {

inline constexpr char record_separator = '\x1e';

// Adds one packet to a payload, with the separator if it is not the first.
void append_to_payload(std::string& payload, const Frame& frame);

// Reads a payload packet by packet, so that whoever handles one may stop after it.
class PayloadReader {
public:
    explicit PayloadReader(std::string_view payload) : rest_(payload) {}
    // False after the last packet. An empty payload, and one that ends in a separator, hold an empty
    // packet, which is an error when it is parsed.
    bool more() const { return more_; }
    Result<Packet, ParseError> next();

private:
    std::string_view rest_;
    bool more_ = true;
};

}  // namespace pulse::engineio
