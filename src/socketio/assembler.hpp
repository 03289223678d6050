#pragma once
// Puts a binary packet together: the text part says how many attachments follow, then come as many binary
// messages (Socket.IO protocol 5). One per connection, there only while a packet is incomplete. Pure.
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/packet.hpp"

namespace pulse::socketio {

struct BinaryPacket {
    PacketType type = PacketType::binary_event;
    std::string nsp;
    std::optional<AckId> id;
    boost::json::value payload;
    std::vector<std::string> attachments;
};

class Assembler {
public:
    // `head` has at least one attachment; `payload` is what parse_payload() made of it.
    Assembler(const PacketHead& head, boost::json::value payload, std::size_t max_bytes);

    // The next attachment. True: the packet is complete, take() it.
    Parsed<bool> add(std::string_view bytes);
    BinaryPacket take() { return std::move(packet_); }

private:
    BinaryPacket packet_;
    std::size_t expected_;
    std::size_t bytes_left_;
};

}  // namespace pulse::socketio
