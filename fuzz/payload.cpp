// Polling bodies: packets between separators, binary as base64. What was accepted is the same when written
// again, and text is checked the same in pieces as whole.
#include "engineio/payload.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/base64.hpp"
#include "engineio/utf8.hpp"
#include "promise.hpp"
#include "targets.hpp"

namespace pulse::fuzz {
namespace {

using engineio::Packet;

struct Read {
    std::vector<Packet> packets;
    std::size_t parts = 0;
};

Read read(std::string_view payload) {
    Read out;
    for (engineio::PayloadReader reader(payload); reader.more(); ++out.parts) {
        if (auto packet = reader.next()) out.packets.push_back(std::move(*packet));
    }
    return out;
}

engineio::FramePtr frame_of(const Packet& packet) {
    if (packet.binary) return engineio::Frame::binary_message(packet.bytes);
    if (packet.type == engineio::PacketType::message) return engineio::Frame::text_message(packet.text);
    return engineio::Frame::packet(char('0' + int(packet.type)) + std::string(packet.text));
}

bool utf8_in_pieces(std::string_view text, Pieces pieces) {
    engineio::Utf8Validator validator;
    while (!text.empty()) {
        const auto size = pieces.next(text.size());
        if (!validator.feed(text.substr(0, size))) return false;
        text.remove_prefix(size);
    }
    return validator.complete();
}

}  // namespace

void payload(std::string_view input) {
    const auto choice = take_choice(input);
    const auto first = read(input);
    const auto separators = std::count(input.begin(), input.end(), engineio::record_separator);
    promise(first.parts == std::size_t(separators) + 1, "one packet between two separators");

    std::string written;
    for (const auto& packet : first.packets) engineio::append_to_payload(written, *frame_of(packet));
    if (!first.packets.empty()) {
        promise(read(written).packets == first.packets, "what was accepted is the same when written again");
    }
    promise(utf8_in_pieces(input, Pieces(choice)) == engineio::is_utf8(input),
            "pieces of text change nothing");
    if (const auto bytes = base64_decode(input)) {
        promise(base64_decode(base64_encode(*bytes)) == bytes, "base64 is the same when written again");
        promise(bytes->size() <= input.size(), "base64 does not grow");
    }
    if (const auto bytes = base64url_decode(input)) {
        promise(base64url_decode(base64url_encode(*bytes)) == bytes, "and in its other alphabet");
    }
}

}  // namespace pulse::fuzz
