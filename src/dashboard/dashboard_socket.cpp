#include "dashboard/dashboard_socket.hpp"

#include <boost/json/object.hpp>

#include "base/log.hpp"
#include "net/timers.hpp"

namespace pulse::dashboard {
namespace {

// What a connected socket keeps: whose it is, and when its token ends.
struct Subscriber {
    Subscriber(UserId owner, net::Timers& timers, std::function<void()> on_expiry)
        : user(owner), expiry(timers, std::move(on_expiry)) {}
    UserId user;
    net::Timer expiry;
};

Subscriber& subscriber(socketio::Socket& socket) { return *static_cast<Subscriber*>(socket.data().get()); }

// Cookie first, then the CONNECT payload, then the query (contract section 3).
std::optional<std::string> token_of(const socketio::HandshakeView& handshake) {
    if (const auto cookie = handshake.request.cookie("accessToken"); cookie && !cookie->empty())
        return std::string(*cookie);
    if (const auto* token = handshake.auth.if_contains("token");
        token && token->is_string() && !token->get_string().empty())
        return std::string(token->get_string());
    if (auto token = handshake.query("token"); token && !token->empty()) return token;
    return std::nullopt;
}

Result<auth::Identity, std::string> authenticate(const socketio::HandshakeView& handshake,
                                                 const auth::TokenVerifier& verifier, WallTime now) {
    const auto token = token_of(handshake);
    if (!token) return std::string("Authentication token required");
    const auto identity = verifier.verify(*token, now);
    if (!identity) {
        log::debug("socket refused: {}", auth::to_string(identity.error()));
        return std::string("Invalid authentication token");
    }
    if (identity->role != store::Role::tenant) return std::string("Insufficient permissions");
    return *identity;
}

// A socket does not outlive its token: its connection is closed without DISCONNECT, so that the client
// comes back and shows a new one.
void admit(socketio::Socket& socket, const auth::Identity& identity, WallTime now) {
    auto made = std::make_shared<Subscriber>(identity.user_id, socket.home().timers(),
                                             [&socket] { socket.close_connection(); });
    // Bounded, because a far expiry would overflow the steady clock the timer counts in.
    made->expiry.arm(std::min<Duration>(identity.expires_at - now, std::chrono::years(1)));
    socket.data() = std::move(made);
}

void on_connected(socketio::Socket& socket, DashboardEvents& events) {
    const auto user = subscriber(socket).user;
    socket.drop_handshake();  // the token has done its work
    socket.join(DashboardEvents::room(user));
    events.join(user, socket.id());
    socket.on("request:current-state", [&socket, &events, user](const socketio::Args&, socketio::Ack ack) {
        events.request_state(user, socket.id(), std::move(ack));
    });
    socket.on_disconnect([&socket, &events, user](socketio::DisconnectReason) {
        subscriber(socket).expiry.cancel();
        events.leave(user, socket.id());
    });
}

}  // namespace

void serve_dashboard_namespace(socketio::Namespace& nsp, const auth::TokenVerifier& verifier,
                               DashboardEvents& events, const Clock& clock) {
    nsp.use([&verifier, &clock](socketio::Socket& socket, socketio::Next next) {
        const auto now = clock.wall_now();
        const auto identity = authenticate(socket.handshake(), verifier, now);
        if (!identity) return next.refuse({identity.error(), std::nullopt});
        admit(socket, *identity, now);
        next();
    });
    nsp.on_connection([&events](socketio::Socket& socket) { on_connected(socket, events); });
}

}  // namespace pulse::dashboard
