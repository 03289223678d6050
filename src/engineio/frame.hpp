#pragma once
// A message on its way out, encoded once for every socket and both transports, and shared immutably.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pulse::engineio {

// `bytes` is a whole unmasked WebSocket frame (RFC 6455 section 5.2); its payload, for text, is also the
// packet as polling sends it ("4…"). A binary payload is raw and gets its "b" + base64 when polled.
class Frame {
public:
    static std::shared_ptr<const Frame> text_message(std::string_view message);  // "4" + message
    static std::shared_ptr<const Frame> binary_message(std::string_view bytes);
    static std::shared_ptr<const Frame> packet(std::string_view whole);  // "2", "3probe", "6", …
    // Bytes that go onto a websocket's connection as they are: a control frame, the handshake's answer.
    static std::shared_ptr<const Frame> raw(std::string bytes);

    std::string_view websocket() const { return bytes_; }
    std::string_view payload() const { return std::string_view(bytes_).substr(header_size_); }
    bool binary() const { return binary_; }
    std::size_t size() const { return bytes_.size(); }

private:
    Frame(std::string_view prefix, std::string_view payload, bool binary);
    explicit Frame(std::string raw);
    std::string bytes_;
    std::uint8_t header_size_ = 0;
    bool binary_ = false;
};

using FramePtr = std::shared_ptr<const Frame>;

}  // namespace pulse::engineio
