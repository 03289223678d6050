#pragma once
// A websocket connection: frames in, frames out, and the closing handshake. Lives on one shard; owned by a
// session, and after the session's end by the shard's SessionHost until the connection is gone.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engineio/outbox.hpp"
#include "engineio/server.hpp"
#include "engineio/ws_frame.hpp"
#include "net/stream.hpp"

namespace pulse::engineio {

enum class WebSocketEnd {
    closed,  // by the peer, with or without the closing handshake
    fault,   // the peer broke the protocol or a limit
};

class WebSocketOwner {
public:
    virtual ~WebSocketOwner() = default;
    virtual void on_ws_text(std::string_view message) = 0;  // valid during the call
    virtual void on_ws_binary(std::string_view message) = 0;
    virtual void on_ws_writable() = 0;             // the kernel was full, and has taken all that waited
    virtual void on_ws_end(WebSocketEnd end) = 0;  // once; finish() is still to be called
};

enum class Finish {
    after_queue,  // what waits is sent first
    at_once,      // what waits is dropped
};

class WebSocket final : private net::StreamListener {
public:
    // Bounds on what goes on after finish(): sending what still waits, and then the peer's answer.
    static constexpr Duration drain_deadline = std::chrono::seconds(30);
    static constexpr Duration answer_deadline = std::chrono::milliseconds(1500);

    // `deflate`: permessage-deflate was negotiated.
    WebSocket(net::Shard& home, net::Socket socket, net::UpgradedCount count, bool deflate,
              const Options& options, Stats& stats);
    ~WebSocket() override;

    // Begins to read; `leftover` came in with the handshake. May call the owner before it returns.
    void start(WebSocketOwner& owner, std::string leftover);

    void push(FramePtr frame);
    void push_urgent(FramePtr frame) { outbox_.push_urgent(std::move(frame)); }
    // Sends what waits in one gathered write, as far as the kernel takes it; the rest follows by itself.
    void flush();
    bool blocked() const { return blocked_; }  // the kernel is full
    const Outbox& outbox() const { return outbox_; }

    // Says goodbye: a close frame (with the fault's code, if one ended it), a short wait for the peer's,
    // the end of the connection, then `gone`, perhaps before this returns. The owner hears nothing more.
    void finish(Finish how, std::function<void()> gone);

private:
    struct Goodbye {
        net::Timer deadline;
        std::function<void()> gone;
        bool sent = false;  // our close frame has left
    };

    void on_bytes(std::string_view bytes) override;
    void on_end() override;
    void on_writable() override;
    void decode(std::span<char> input);
    void on_peer_close();
    void on_fault();
    void answer_ping();
    void report(WebSocketEnd end);
    void check_goodbye();
    void hang_up();

    net::Shard& home_;
    net::UpgradedCount count_;
    std::shared_ptr<net::Stream> stream_;
    WebSocketOwner* owner_ = nullptr;
    const Options& options_;
    Stats& stats_;
    FrameDecoder decoder_;
    Outbox outbox_;
    FramePtr pong_;  // to the latest ping, while the kernel is full
    std::unique_ptr<Goodbye> goodbye_;
    std::uint16_t close_code_ = close_code::none;
    bool blocked_ = false;
    bool peer_closed_ = false;
    const bool deflate_;
};

}  // namespace pulse::engineio
