#pragma once
// One client's session: the state that outlives requests and connections. Lives on one shard, owned by that
// shard's SessionHost, which destroys it from the loop only, never inside one of its callbacks.
#include <memory>
#include <string>
#include <string_view>

#include "engineio/packet.hpp"
#include "engineio/polling_transport.hpp"
#include "engineio/server.hpp"
#include "engineio/ws_transport.hpp"
#include "net/timers.hpp"

namespace pulse::engineio {

class SessionHost;

class ClientSession final : public Session,
                            private WebSocketOwner,
                            public std::enable_shared_from_this<ClientSession> {
public:
    // How long a polling client that was closed may take to fetch what waits, and the close itself.
    static constexpr Duration farewell_deadline = std::chrono::seconds(30);
    // The same for a client that has not come back since its handshake: it comes at once, or never.
    static constexpr Duration short_farewell_deadline = std::chrono::seconds(2);
    // A poll that arrives while the client probes a websocket is held at most this long, so that the
    // client's pause, which waits for it, is short.
    static constexpr Duration probe_poll_deadline = std::chrono::milliseconds(80);

    ClientSession(SessionHost& host, std::string sid, Handshake handshake, bool force_base64);

    const std::string& sid() const override { return sid_; }
    net::Shard& home() override;
    const Handshake& handshake() const override { return handshake_; }
    TransportKind transport() const override {
        return polling_ ? TransportKind::polling : TransportKind::websocket;
    }
    void send(FramePtr frame) override;
    bool writable() const override;
    std::size_t buffered_bytes() const override;
    std::size_t buffered_packets() const override;
    void tell_when_writable() override;
    void close(CloseReason reason) override;
    void discard(CloseReason reason) override { end(reason); }

    // The session's beginning; the listener is given after it.
    void begin_polling();
    void begin_websocket(std::unique_ptr<WebSocket> socket, std::string answer);
    void serve(std::unique_ptr<SessionListener> listener);
    void start_reading(std::string leftover);

    // The parts of its life that the host brings.
    void on_get(Answer answer);
    void on_post(Answer answer, const net::Request& request);
    // The body of a POST is on its way; it will never come.
    void begin_upload(std::uint64_t number);
    void lose_upload(std::uint64_t number);
    // A second connection wants to carry the session; refused if another already does or tries to.
    bool may_probe() const;
    void probe(std::unique_ptr<WebSocket> socket, std::string answer, std::string leftover);
    void flush();
    bool open() const { return state_ == State::open; }

private:
    friend class SessionHost;
    friend class WaitingSessions;

    enum class State : std::uint8_t {
        open,
        farewell,  // ended for the application; a polling client is still to be told
        ended,
    };
    struct Probe {
        net::Timer deadline;
        net::Timer release_poll;
        bool answered = false;
    };

    const Outbox& outbox() const { return polling_ ? polling_->outbox() : ws_->outbox(); }
    void push(FramePtr frame);
    void receive(const Packet& packet);
    void deliver(std::string_view message, bool binary);
    void receive_farewell(std::string_view body);
    bool too_much_waits() const;
    void flush_transport();
    void tell_writable();
    void arm_heartbeat(TimePoint from, Duration after);
    void on_heartbeat();
    void end(CloseReason reason, Finish how = Finish::at_once);

    void on_ws_text(std::string_view message) override;
    void on_ws_binary(std::string_view message) override;
    void on_ws_writable() override;
    void on_ws_end(WebSocketEnd end) override;

    void on_probe_text(std::string_view message);
    void release_poll();
    void drop_probe();
    void finish_upgrade();

    SessionHost& host_;
    const std::string sid_;
    const Handshake handshake_;
    std::unique_ptr<SessionListener> listener_;
    std::unique_ptr<PollingTransport> polling_;  // until the session is on a websocket
    std::unique_ptr<WebSocket> ws_;              // beside polling_: the one being probed
    std::unique_ptr<Probe> probe_;
    net::Timer heartbeat_;
    TimePoint heartbeat_due_{};
    std::uint32_t flush_place_ = unmarked;    // in the host's list
    std::uint32_t waiting_place_ = unmarked;  // in the host's WaitingSessions
    static constexpr std::uint32_t unmarked = ~0u;
    State state_ = State::open;
    bool awaiting_pong_ = false;
    bool too_slow_ = false;
    bool wants_writable_ = false;  // the listener asked to be told
    const bool force_base64_;
};

}  // namespace pulse::engineio
