#include "engineio/frame.hpp"

#include "engineio/ws_frame.hpp"

namespace pulse::engineio {

Frame::Frame(std::string_view prefix, std::string_view payload, bool binary) : binary_(binary) {
    std::array<char, max_header_size> header;
    const auto size = prefix.size() + payload.size();
    header_size_ = std::uint8_t(write_frame_header(header, binary ? Opcode::binary : Opcode::text, size));
    bytes_.reserve(header_size_ + size);
    bytes_.append(header.data(), header_size_).append(prefix).append(payload);
}

Frame::Frame(std::string raw) : bytes_(std::move(raw)) {}

FramePtr Frame::text_message(std::string_view message) { return FramePtr(new Frame("4", message, false)); }
FramePtr Frame::binary_message(std::string_view bytes) { return FramePtr(new Frame({}, bytes, true)); }
FramePtr Frame::packet(std::string_view whole) { return FramePtr(new Frame({}, whole, false)); }
FramePtr Frame::raw(std::string bytes) { return FramePtr(new Frame(std::move(bytes))); }

}  // namespace pulse::engineio
