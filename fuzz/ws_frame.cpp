// WebSocket frames from a client: however the stream is cut, the same messages come out of it, none beyond
// the limits, and what was accepted is accepted again when it is written anew.
#include "engineio/ws_frame.hpp"

#include <string>
#include <vector>

#include "engineio/utf8.hpp"
#include "engineio/ws_deflate.hpp"
#include "promise.hpp"
#include "targets.hpp"

namespace pulse::fuzz {
namespace {

using engineio::FrameDecoder;
using engineio::Opcode;
using Event = FrameDecoder::Event;

struct Seen {
    Event event;
    std::string data;
    std::uint16_t code;
    bool operator==(const Seen&) const = default;
};

bool last(Event event) { return event == Event::close || event == Event::error; }

void read(FrameDecoder& decoder, std::string piece, const FrameDecoder::Limits& limits,
          std::vector<Seen>& seen) {
    std::span<char> input(piece.data(), piece.size());
    for (;;) {
        const auto event = decoder.next(input, limits);
        if (event == Event::need_more) {
            promise(input.empty() || (!seen.empty() && seen.back().event == Event::close),
                    "a decoder that wants more has used everything");
            return;
        }
        const bool coded = last(event);
        seen.push_back({event, std::string(decoder.data()), coded ? decoder.code() : std::uint16_t(0)});
        if (event == Event::error) {
            promise(decoder.next(input, limits) == Event::error, "nothing comes after an error");
            return;
        }
    }
}

std::vector<Seen> read_in_pieces(std::string_view stream, const FrameDecoder::Limits& limits, Pieces pieces) {
    FrameDecoder decoder;
    std::vector<Seen> seen;
    while (!stream.empty()) {
        const auto size = pieces.next(stream.size());
        read(decoder, std::string(stream.substr(0, size)), limits, seen);
        if (!seen.empty() && last(seen.back().event)) break;
        stream.remove_prefix(size);
    }
    return seen;
}

// As a client sends it: the server's header with the mask's bit and the mask put in.
std::string masked(Opcode opcode, std::string_view payload, std::uint8_t choice) {
    std::array<char, engineio::max_header_size> header;
    const auto size = engineio::write_frame_header(header, opcode, payload.size());
    header[1] = char(header[1] | 0x80);
    const std::array<char, 4> mask{char(choice), char(choice * 7), char(choice >> 1), char(~choice)};
    std::string frame(header.data(), size);
    frame.append(mask.data(), 4);
    for (std::size_t i = 0; i < payload.size(); ++i) frame += char(payload[i] ^ mask[i % 4]);
    return frame;
}

Opcode opcode_of(Event event) {
    switch (event) {
        case Event::text:
            return Opcode::text;
        case Event::ping:
            return Opcode::ping;
        case Event::pong:
            return Opcode::pong;
        default:
            return Opcode::binary;
    }
}

void check(const Seen& seen, const FrameDecoder::Limits& limits, std::uint8_t choice) {
    if (seen.event == Event::error) return;
    if (seen.event == Event::text || seen.event == Event::close) {
        promise(engineio::is_utf8(seen.data), "text is UTF-8");
    }
    const bool message = seen.event == Event::text || seen.event == Event::binary;
    promise(seen.data.size() <= (message ? limits.message_bytes : 125), "nothing is larger than its limit");
    if (seen.event == Event::close) return;
    FrameDecoder decoder;
    std::vector<Seen> again;
    read(decoder, masked(opcode_of(seen.event), seen.data, choice), limits, again);
    promise(again == std::vector{seen}, "what was accepted is accepted in one frame");
}

}  // namespace

void ws_frame(std::string_view input) {
    const auto choice = take_choice(input);
    constexpr std::size_t sizes[] = {0, 16, 125, 70'000};
    const FrameDecoder::Limits limits{.message_bytes = sizes[choice % 4],
                                      .fragments = std::size_t(1) << (choice / 4 % 4),
                                      .deflate = (choice & 0x10) != 0};
    FrameDecoder decoder;
    std::vector<Seen> whole;
    read(decoder, std::string(input), limits, whole);
    promise(read_in_pieces(input, limits, Pieces(choice)) == whole, "pieces change nothing");
    for (const auto& seen : whole) check(seen, limits, choice);

    net::Headers headers;
    headers.add("Sec-WebSocket-Extensions", input);
    const auto answer = engineio::accept_deflate(headers);
    promise(!answer || answer->starts_with("permessage-deflate"), "only what we know is negotiated");
}

}  // namespace pulse::fuzz
