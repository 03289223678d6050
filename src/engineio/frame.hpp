#pragma once
// A message on its way out, encoded once for every socket and both transports, and shared immutably.
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace pulse::engineio {

// `bytes` is a whole unmasked WebSocket frame (RFC 6455 section 5.2); its payload, for text, is also the
// packet as polling sends it ("4…"). A binary payload is raw and gets its "b" + base64 when polled.
class Frame {
public:
    // `compress`: whether transports that compress should (the reference's `compress` flag).
    static std::shared_ptr<const Frame> text_message(std::string_view message,  // "4" + message
                                                     bool compress = true);
    static std::shared_ptr<const Frame> binary_message(std::string_view bytes, bool compress = true);
    static std::shared_ptr<const Frame> packet(std::string_view whole,
                                               bool compress = true);  // "2", "3probe", "6", …
    // Bytes that go onto a websocket's connection as they are: a control frame, the handshake's answer.
    static std::shared_ptr<const Frame> raw(std::string bytes);

    std::string_view websocket() const { return bytes_; }
    std::string_view payload() const { return std::string_view(bytes_).substr(header_size_); }
    bool binary() const { return binary_; }
    std::size_t size() const { return bytes_.size(); }
    bool compress() const { return compress_; }
    // The same message with permessage-deflate, made at the first call, which counts it in `made`; nullptr if
    // it would be no smaller. Any thread; others that call meanwhile wait.
    std::shared_ptr<const Frame> deflated(int level, std::atomic<std::uint64_t>& made) const;

private:
    Frame(std::string_view prefix, std::string_view payload, bool binary, bool compress);
    explicit Frame(std::string raw);
    std::string bytes_;
    std::uint8_t header_size_ = 0;
    bool binary_ = false;
    bool compress_ = false;
    mutable std::once_flag deflating_;
    mutable std::shared_ptr<const Frame> deflated_;
};

using FramePtr = std::shared_ptr<const Frame>;

}  // namespace pulse::engineio
