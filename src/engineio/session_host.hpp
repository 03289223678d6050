#pragma once
// The sessions of one shard, and what they share: the list of those with something to send, and the end of
// everything, which is deferred to the loop so that no callback ever runs on something destroyed.
#include <atomic>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engineio/address_counts.hpp"
#include "engineio/session.hpp"
#include "engineio/waiting_sessions.hpp"
#include "engineio/ws_handshake.hpp"

namespace pulse::engineio {

// What the shards share. Never changes once traffic started, but for the counters and `accepting`.
struct ServerState {
    Options options;
    Server::OnSession on_session;
    Stats stats{};
    std::atomic<bool> accepting{true};
    std::atomic<std::size_t> sessions{0};  // that take a place of max_sessions

    AddressCounts addresses{};

    // Whether one more session may be opened; it has its place then, until it is forgotten.
    bool admit(const net::Request& request);
    bool counts_addresses() const { return options.max_sessions_per_address != 0; }
    std::string address_of(const net::Request& request) const {
        return options.address_of ? options.address_of(request) : request.peer;
    }
};

class SessionHost : public std::enable_shared_from_this<SessionHost> {
public:
    SessionHost(net::Shard& home, std::shared_ptr<ServerState> state);

    net::Shard& home() { return home_; }
    const Options& options() const { return state_->options; }
    Stats& stats() { return state_->stats; }
    const FramePtr& ping() const { return ping_; }
    WaitingSessions& waiting() { return waiting_; }

    // nullptr if there is none. One whose end is still to be fetched by its client counts.
    ClientSession* find(std::string_view sid);
    void open_polling(const net::Request& request, bool force_base64, Answer answer);
    void open_websocket(const net::Request& request, bool force_base64, net::UpgradedSocket taken,
                        WebSocketAnswer answer);
    std::unique_ptr<WebSocket> make_websocket(net::Socket socket, net::UpgradedCount count, bool deflate);

    // Sessions call these.
    void mark(ClientSession& session);  // flush() it at the end of this turn of the loop
    void unmark(ClientSession& session);
    void count_out() { ++messages_out_; }
    void let_go(std::unique_ptr<WebSocket> socket, Finish how);
    void announce_end(ClientSession& session, CloseReason reason);  // on_close() follows from the loop
    void forget(ClientSession& session);                            // its sid is unknown from now on

    std::size_t size() const { return sessions_.size(); }
    void close_all(CloseReason reason, std::size_t per_slice, Duration pause, std::function<void()> done);
    // Destroys everything at once, with the loop stopped: nobody is told.
    void clear();

private:
    struct Ended {
        std::shared_ptr<ClientSession> session;
        CloseReason reason;
    };
    struct Closing {
        net::Timer next_slice;
        CloseReason reason;
        std::size_t per_slice;
        Duration pause;
        std::function<void()> done;
    };

    ClientSession& add(const net::Request& request, bool force_base64);
    void listen(ClientSession& session);
    void flush_marked();
    void reap_later();
    void reap();
    void close_slice();
    void check_closed();

    net::Shard& home_;
    const std::shared_ptr<ServerState> state_;
    const FramePtr ping_ = Frame::packet("2");
    // Keyed by the session's own sid.
    std::unordered_map<std::string_view, std::shared_ptr<ClientSession>> sessions_;
    std::unordered_map<std::string, std::string> addresses_;  // by sid, if they are counted
    std::vector<ClientSession*> marked_;                      // nullptr where one was unmarked
    std::size_t flushed_ = 0;                                 // so many of them
    WaitingSessions waiting_{home_.timers()};
    std::uint64_t messages_out_ = 0;  // not yet added to the statistics
    std::unordered_map<WebSocket*, std::unique_ptr<WebSocket>> leaving_;
    std::vector<Ended> ended_;
    std::vector<std::shared_ptr<ClientSession>> dead_sessions_;
    std::vector<std::unique_ptr<WebSocket>> dead_sockets_;
    std::vector<std::unique_ptr<Closing>> closings_;
    bool reap_posted_ = false;
};

}  // namespace pulse::engineio
