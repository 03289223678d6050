#include "socketio/assembler.hpp"

namespace pulse::socketio {

Assembler::Assembler(const PacketHead& head, boost::json::value payload, std::size_t max_bytes)
    : packet_{head.type, std::string(head.nsp), head.id, std::move(payload), {}},
      expected_(head.attachments),
      bytes_left_(max_bytes) {
    packet_.attachments.reserve(expected_);
}

Parsed<bool> Assembler::add(std::string_view bytes) {
    if (bytes.size() > bytes_left_) return PacketError::attachments_too_large;
    bytes_left_ -= bytes.size();
    packet_.attachments.emplace_back(bytes);
    return packet_.attachments.size() == expected_;
}

}  // namespace pulse::socketio
