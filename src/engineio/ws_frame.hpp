#pragma once
// WebSocket frames as a server sees them (RFC 6455 section 5). Pure: bytes in, events out. One decoder per
// connection; it owns memory only while a message or a control frame is half received.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engineio/utf8.hpp"

namespace pulse::engineio {

enum class Opcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
};

namespace close_code {  // RFC 6455 section 7.4.1
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t none = 1005;  // never sent: a close frame without a code
inline constexpr std::uint16_t bad_text = 1007;
inline constexpr std::uint16_t too_big = 1009;
}  // namespace close_code

inline constexpr char rsv1 = 0x40;  // in a frame's first byte: its message is compressed (RFC 7692)
inline constexpr std::size_t max_header_size = 10;  // of a frame that a server sends: without a mask

// Writes the header of a whole, unmasked frame and returns its size.
std::size_t write_frame_header(std::span<char, max_header_size> out, Opcode opcode,
                               std::uint64_t payload_size);
std::string control_frame(Opcode opcode, std::string_view payload);
// Code none gives an empty payload.
std::string close_frame(std::uint16_t code);

// payload[i] ^= mask[(i + offset) % 4], eight bytes at a time.
void apply_mask(std::span<char> payload, std::array<char, 4> mask, std::size_t offset);

class FrameDecoder {
public:
    enum class Event {
        need_more,  // everything given was used; call again when there is more
        text,       // a whole message, checked to be UTF-8
        binary,
        ping,
        pong,
        close,  // data() is the reason's text, code() the code or none; nothing more is decoded
        error,  // code() is what to close with; nothing more is decoded
    };

    // A message is refused (1009) beyond this many bytes or frames.
    struct Limits {
        std::size_t message_bytes;  // compressed or not
        std::size_t fragments;
        bool deflate = false;  // permessage-deflate was negotiated
    };

    // Reads on from the front of `input`, up to the next event, and cuts off what it used. Unmasks in
    // place: the input is the caller's to lose.
    Event next(std::span<char>& input, const Limits& limits);

    // What the last event carried: inside the input if it came in one piece, else inside the decoder.
    // Valid until the next call.
    std::string_view data() const { return data_; }
    std::uint16_t code() const { return code_; }

private:
    enum class State : std::uint8_t { header, payload, closed, failed };

    bool read_header(std::span<char>& input, const Limits& limits);
    bool accept_header(const Limits& limits);
    Event finish_frame(std::string_view payload, const Limits& limits);
    Event finish_compressed(std::string_view payload, bool text, const Limits& limits);
    Event finish_close(std::string_view payload);
    Event fail(std::uint16_t code);
    bool is_control() const { return std::uint8_t(opcode_) >= 8; }
    std::size_t header_size() const;

    std::string message_;  // of the message under way, what came in earlier pieces
    std::string control_;  // of a control frame that was cut
    std::string_view data_;
    std::uint64_t left_ = 0;  // payload bytes of this frame still to come
    std::size_t masked_ = 0;  // payload bytes of this frame already unmasked
    std::uint32_t fragments_ = 0;
    std::array<char, 14> header_{};
    std::uint8_t header_read_ = 0;
    std::uint16_t code_ = close_code::none;
    Opcode opcode_ = Opcode::continuation;          // of this frame
    Opcode message_opcode_ = Opcode::continuation;  // of the message under way; continuation: none is
    bool fin_ = false;
    bool delivered_ = false;   // data_ points into message_ or control_
    bool compressed_ = false;  // the message under way
    State state_ = State::header;
    std::array<char, 4> mask_{};
    Utf8Validator utf8_;
};

}  // namespace pulse::engineio
