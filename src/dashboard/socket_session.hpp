#pragma once
// How long a connected socket may stay (contract section 3). Thirty seconds before its token expires it is
// sent `auth:expiring`; `auth:refresh` extends it in place; what is not extended is closed some seconds after
// the expiry, without DISCONNECT, so that the client comes back and shows a new token. A socket whose session
// is revoked is disconnected. All but end_sessions() on the socket's shard.
#include <memory>
#include <optional>
#include <vector>

#include "auth/token.hpp"
#include "net/timers.hpp"
#include "socketio/namespace.hpp"
#include "store/store.hpp"

namespace pulse::dashboard {

inline constexpr std::chrono::seconds expiring_notice{30};
// The contract's bound is 25 s; two of them are for the way to the client and a busy loop.
inline constexpr std::chrono::seconds expiry_grace{23};

// What one socket keeps of who opened it: the socket's data().
class SocketSession {
public:
    SocketSession(socketio::Socket& socket, const auth::Identity& identity);

    UserId user() const { return user_; }
    const std::optional<SessionId>& id() const { return id_; }  // nullopt: a token of no session
    WallTime expires_at() const { return expires_at_; }
    void begin() { arm(); }          // the socket is connected
    void end() { timer_.cancel(); }  // it leaves
    // It shows a newer token of its user's.
    void extend(const std::optional<SessionId>& id, WallTime expires_at);

    bool asking = false;  // the store, for the session's newest token

private:
    WallTime due() const { return told_ ? expires_at_ + expiry_grace : expires_at_ - expiring_notice; }
    WallTime now() const { return socket_.home().clock().wall_now(); }
    void arm();
    void on_timer();

    socketio::Socket& socket_;
    const UserId user_;
    std::optional<SessionId> id_;
    WallTime expires_at_{};
    bool told_ = false;  // that this token expires
    net::Timer timer_;
};

SocketSession& session_of(socketio::Socket& socket);

// Joins the socket to its session's room, and answers its `auth:refresh`. All outlive the socket.
struct SessionParts {
    const auth::TokenVerifier& verifier;
    store::Store& store;
};
void follow_session(socketio::Socket& socket, const SessionParts& parts);

// Disconnects the sockets of these sessions on this node. Any thread.
void end_sessions(socketio::Namespace& nsp, const std::vector<SessionId>& sessions);

}  // namespace pulse::dashboard
