#include "dashboard/dashboard_socket.hpp"

#include <boost/json/object.hpp>

#include "base/log.hpp"

namespace pulse::dashboard {
namespace {

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

void on_connected(socketio::Socket& socket, const SessionParts& parts, DashboardEvents& events) {
    const auto user = session_of(socket).user();
    socket.drop_handshake();  // the token has done its work
    socket.join(DashboardEvents::room(user));
    if (socket.recovered()) {
        events.rejoin(user);
    } else {
        events.join(user, socket.id());
    }
    socket.on("request:current-state", [&socket, &events, user](const socketio::Args&, socketio::Ack ack) {
        events.request_state(user, socket.id(), std::move(ack));
    });
    socket.on_disconnect([&socket, &events, user](socketio::DisconnectReason) {
        session_of(socket).end();
        events.leave(user, socket.id());
    });
    follow_session(socket, parts);
}

}  // namespace

void serve_dashboard_namespace(socketio::Namespace& nsp, const SessionParts& parts, DashboardEvents& events) {
    nsp.use([parts](socketio::Socket& socket, socketio::Next next) {
        const auto now = socket.home().clock().wall_now();
        const auto identity = authenticate(socket.handshake(), parts.verifier, now);
        if (!identity) return next.refuse({identity.error(), std::nullopt});
        socket.data() = std::make_shared<SocketSession>(socket, *identity);
        next();
    });
    nsp.on_connection([parts, &events](socketio::Socket& socket) { on_connected(socket, parts, events); });
}

}  // namespace pulse::dashboard
