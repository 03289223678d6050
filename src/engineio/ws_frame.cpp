#include "engineio/ws_frame.hpp"

#include <algorithm>
#include <cstring>

#include "engineio/ws_deflate.hpp"

namespace pulse::engineio {
namespace {

// Section 7.4: what may stand in a close frame. 1004 to 1006 and 1015 are never sent; 3000 to 4999 belong
// to libraries and applications.
bool may_be_sent(std::uint16_t code) {
    if (code >= 3000) return code <= 4999;
    return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

void append_big_endian(char* out, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) out[i] = char(value >> (8 * (bytes - 1 - i)));
}

bool is_message_start(Opcode opcode) { return opcode == Opcode::text || opcode == Opcode::binary; }

std::uint64_t read_big_endian(const char* in, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | std::uint8_t(in[i]);
    return value;
}

}  // namespace

std::size_t write_frame_header(std::span<char, max_header_size> out, Opcode opcode,
                               std::uint64_t payload_size) {
    out[0] = char(0x80 | std::uint8_t(opcode));
    if (payload_size < 126) {
        out[1] = char(payload_size);
        return 2;
    }
    if (payload_size <= 0xFFFF) {
        out[1] = 126;
        append_big_endian(&out[2], payload_size, 2);
        return 4;
    }
    out[1] = 127;
    append_big_endian(&out[2], payload_size, 8);
    return 10;
}

std::string control_frame(Opcode opcode, std::string_view payload) {
    std::array<char, max_header_size> header;
    const auto size = write_frame_header(header, opcode, payload.size());
    return std::string(header.data(), size).append(payload);
}

std::string close_frame(std::uint16_t code) {
    if (code == close_code::none) return control_frame(Opcode::close, {});
    std::array<char, 2> payload;
    append_big_endian(payload.data(), code, 2);
    return control_frame(Opcode::close, {payload.data(), 2});
}

void apply_mask(std::span<char> payload, std::array<char, 4> mask, std::size_t offset) {
    std::array<char, 8> turned;
    for (std::size_t i = 0; i < 8; ++i) turned[i] = mask[(i + offset) % 4];
    std::uint64_t key = 0;
    std::memcpy(&key, turned.data(), 8);
    char* at = payload.data();
    std::size_t left = payload.size();
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        word ^= key;
        std::memcpy(at, &word, 8);
    }
    for (std::size_t i = 0; i < left; ++i) at[i] = char(at[i] ^ turned[i]);
}

FrameDecoder::Event FrameDecoder::fail(std::uint16_t code) {
    state_ = State::failed;
    code_ = code;
    data_ = {};
    message_ = {};
    control_ = {};
    return Event::error;
}

// Section 5.2: two bytes, up to eight of extended length, and the mask's four.
std::size_t FrameDecoder::header_size() const {
    if (header_read_ < 2) return 2;
    const auto length = std::uint8_t(header_[1]) & 0x7F;
    return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + 4;
}

// False if more bytes are needed, or after fail(): the state tells which.
bool FrameDecoder::read_header(std::span<char>& input, const Limits& limits) {
    while (header_read_ < header_size()) {
        if (input.empty()) return false;
        const auto take = std::min<std::size_t>(header_size() - header_read_, input.size());
        std::memcpy(header_.data() + header_read_, input.data(), take);
        header_read_ = std::uint8_t(header_read_ + take);
        input = input.subspan(take);
        // A client's frame must be masked; said before the mask is waited for.
        if (header_read_ >= 2 && (header_[1] & 0x80) == 0) {
            fail(close_code::protocol_error);
            return false;
        }
    }
    return accept_header(limits);
}

bool FrameDecoder::accept_header(const Limits& limits) {
    const auto first = std::uint8_t(header_[0]);
    const auto short_length = std::uint8_t(header_[1]) & 0x7F;
    const auto refuse = [this](std::uint16_t code) {
        fail(code);
        return false;
    };
    fin_ = (first & 0x80) != 0;
    opcode_ = Opcode(first & 0x0F);
    // RFC 7692 section 6: RSV1 stands on a message's first frame. The others have no meaning.
    const bool compressed = limits.deflate && (first & 0x70) == rsv1 && is_message_start(opcode_);
    if ((first & 0x70) != 0 && !compressed) return refuse(close_code::protocol_error);
    left_ = short_length;
    if (short_length == 126) {
        left_ = read_big_endian(&header_[2], 2);
        if (left_ < 126) return refuse(close_code::protocol_error);  // not the shortest form
    } else if (short_length == 127) {
        left_ = read_big_endian(&header_[2], 8);
        if (left_ <= 0xFFFF || left_ >> 63 != 0) return refuse(close_code::protocol_error);
    }
    std::memcpy(mask_.data(), header_.data() + header_size() - 4, 4);
    masked_ = 0;
    switch (opcode_) {
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong:
            // Section 5.5: short, and never in pieces; they may stand between the pieces of a message.
            if (!fin_ || short_length > 125) return refuse(close_code::protocol_error);
            break;
        case Opcode::text:
        case Opcode::binary:
            if (message_opcode_ != Opcode::continuation) return refuse(close_code::protocol_error);
            message_opcode_ = opcode_;
            compressed_ = compressed;
            fragments_ = 0;
            utf8_.reset();
            break;
        case Opcode::continuation:
            if (message_opcode_ == Opcode::continuation) return refuse(close_code::protocol_error);
            break;
        default:
            return refuse(close_code::protocol_error);
    }
    if (!is_control()) {
        // Counted in frames as well: a message of empty fragments would never reach the limit in bytes.
        if (left_ > limits.message_bytes || message_.size() > limits.message_bytes - left_ ||
            ++fragments_ > limits.fragments) {
            return refuse(close_code::too_big);
        }
    }
    header_read_ = 0;
    state_ = State::payload;
    return true;
}

FrameDecoder::Event FrameDecoder::next(std::span<char>& input, const Limits& limits) {
    if (delivered_) {  // an idle decoder owns nothing
        delivered_ = false;
        std::string().swap(is_control() ? control_ : message_);
    }
    data_ = {};
    for (;;) {
        if (state_ == State::closed) return Event::need_more;
        if (state_ == State::header && !read_header(input, limits) && state_ == State::header) {
            return Event::need_more;
        }
        if (state_ == State::failed) return Event::error;
        const auto size = std::size_t(std::min<std::uint64_t>(left_, input.size()));
        const auto piece = input.first(size);
        input = input.subspan(size);
        apply_mask(piece, mask_, masked_);
        masked_ += size;
        left_ -= size;
        const std::string_view bytes(piece.data(), piece.size());
        if (message_opcode_ == Opcode::text && !is_control() && !compressed_ && !utf8_.feed(bytes)) {
            return fail(close_code::bad_text);
        }
        std::string& earlier = is_control() ? control_ : message_;
        const bool frame_ends = left_ == 0;
        const bool message_ends = frame_ends && fin_;
        if (message_ends && earlier.empty()) {
            state_ = State::header;
            return finish_frame(bytes, limits);
        }
        earlier.append(bytes);
        if (!frame_ends) return Event::need_more;
        state_ = State::header;
        if (message_ends) {
            delivered_ = true;
            return finish_frame(earlier, limits);
        }
    }
}

FrameDecoder::Event FrameDecoder::finish_frame(std::string_view payload, const Limits& limits) {
    data_ = payload;
    switch (opcode_) {
        case Opcode::ping:
            return Event::ping;
        case Opcode::pong:
            return Event::pong;
        case Opcode::close:
            return finish_close(payload);
        case Opcode::continuation:
        case Opcode::text:
        case Opcode::binary:
            break;
    }
    const bool text = message_opcode_ == Opcode::text;
    message_opcode_ = Opcode::continuation;
    if (compressed_) return finish_compressed(payload, text, limits);
    if (text && !utf8_.complete()) return fail(close_code::bad_text);
    return text ? Event::text : Event::binary;
}

FrameDecoder::Event FrameDecoder::finish_compressed(std::string_view payload, bool text,
                                                    const Limits& limits) {
    auto plain = inflate_message(payload, limits.message_bytes);
    if (plain.has_error()) {
        return fail(plain.error() == InflateError::too_big ? close_code::too_big : close_code::bad_text);
    }
    message_ = std::move(*plain);
    data_ = message_;
    delivered_ = true;
    if (text && !is_utf8(message_)) return fail(close_code::bad_text);
    return text ? Event::text : Event::binary;
}

// Section 5.5.1: empty, or a code of two bytes and a reason in UTF-8.
FrameDecoder::Event FrameDecoder::finish_close(std::string_view payload) {
    if (payload.size() == 1) return fail(close_code::protocol_error);
    state_ = State::closed;
    code_ = close_code::none;
    if (payload.empty()) return Event::close;
    const auto code = std::uint16_t(read_big_endian(payload.data(), 2));
    if (!may_be_sent(code)) return fail(close_code::protocol_error);
    data_ = payload.substr(2);
    if (!is_utf8(data_)) return fail(close_code::bad_text);
    code_ = code;
    return Event::close;
}

}  // namespace pulse::engineio
