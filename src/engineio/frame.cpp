#include "engineio/frame.hpp"

#include "engineio/ws_deflate.hpp"
#include "engineio/ws_frame.hpp"

namespace pulse::engineio {

Frame::Frame(std::string_view prefix, std::string_view payload, bool binary, bool compress)
    : binary_(binary), compress_(compress) {
    std::array<char, max_header_size> header;
    const auto size = prefix.size() + payload.size();
    header_size_ = std::uint8_t(write_frame_header(header, binary ? Opcode::binary : Opcode::text, size));
    bytes_.reserve(header_size_ + size);
    bytes_.append(header.data(), header_size_).append(prefix).append(payload);
}

Frame::Frame(std::string raw) : bytes_(std::move(raw)) {}

FramePtr Frame::text_message(std::string_view message, bool compress) {
    return FramePtr(new Frame("4", message, false, compress));
}

FramePtr Frame::binary_message(std::string_view bytes, bool compress) {
    return FramePtr(new Frame({}, bytes, true, compress));
}

FramePtr Frame::packet(std::string_view whole, bool compress) {
    return FramePtr(new Frame({}, whole, false, compress));
}

FramePtr Frame::raw(std::string bytes) { return FramePtr(new Frame(std::move(bytes))); }

FramePtr Frame::deflated(int level, std::atomic<std::uint64_t>& made) const {
    std::call_once(deflating_, [&] {
        made.fetch_add(1, std::memory_order_relaxed);
        const auto small = deflate_message(payload(), level);
        if (!small) return;
        std::array<char, max_header_size> header;
        const auto opcode = binary_ ? Opcode::binary : Opcode::text;
        const auto size = write_frame_header(header, opcode, small->size());
        header[0] = char(header[0] | rsv1);
        deflated_ = raw(std::string(header.data(), size).append(*small));
    });
    return deflated_;
}

}  // namespace pulse::engineio
