#pragma once
// Whole packets in msgpack, as the stock client speaks with socket.io-msgpack-parser 3: each is one map
// {type, nsp, data, id}, binary values in place, sent as one binary Engine.IO message. Pure; any thread.
#include <cstddef>
#include <string>
#include <string_view>

#include "engineio/frame.hpp"
#include "socketio/assembler.hpp"
#include "socketio/outgoing.hpp"

namespace pulse::socketio {

// By the same rules as parse_head() and parse_payload(). Types are 0 to 4 here; with binary values in it, an
// EVENT or ACK comes out as the binary type. Members it does not know are ignored.
Parsed<BinaryPacket> parse_msgpack_packet(std::string_view bytes, std::size_t max_attachments,
                                          std::size_t max_attachment_bytes);

// What our own text of a packet (and its attachments) says, as a binary message.
engineio::FramePtr to_msgpack(const Outgoing& packet);
engineio::FramePtr to_msgpack(std::string_view packet);

}  // namespace pulse::socketio
