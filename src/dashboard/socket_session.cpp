#include "dashboard/socket_session.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json/object.hpp>
#include <utility>

namespace pulse::dashboard {
namespace json = boost::json;
namespace {

std::string room_of(const SessionId& session) { return "session:" + session.to_string(); }

void refuse(const socketio::Ack& ack, std::string_view code, std::string_view message) {
    ack(socketio::Args(
        {json::object{{"success", false}, {"error", {{"code", code}, {"message", message}}}}}));
}

void refuse_token(const socketio::Ack& ack) {
    refuse(ack, "UNAUTHORIZED", "Invalid or expired access token");
}

void extend(socketio::Socket& socket, const SessionParts& parts, const std::optional<SessionId>& id,
            WallTime expires_at, const socketio::Ack& ack) {
    auto& session = session_of(socket);
    const auto extended = [&ack](WallTime until) {
        ack(socketio::Args({json::object{{"success", true}, {"expiresAt", to_iso8601(until)}}}));
    };
    // Nothing newer: otherwise it would be announced as expiring again at once, and so on.
    if (expires_at <= session.expires_at()) return extended(session.expires_at());
    if (id != session.id()) {
        if (session.id()) socket.leave(room_of(*session.id()));
        if (id) socket.join(room_of(*id));
    }
    session.extend(id, expires_at);
    // Revoked between the look at its token and now: nobody else would tell.
    if (id && parts.verifier.revoked(*id)) {
        refuse_token(ack);
        return socket.disconnect(true);
    }
    extended(expires_at);
}

// A client that holds its token in hand shows the new one.
void extend_by_token(socketio::Socket& socket, const SessionParts& parts, std::string_view token,
                     const socketio::Ack& ack) {
    const auto identity = parts.verifier.verify(token, socket.home().clock().wall_now());
    if (!identity) return refuse_token(ack);
    if (identity->user_id != session_of(socket).user() || identity->role != store::Role::tenant)
        return refuse(ack, "FORBIDDEN", "The token is of another user");
    extend(socket, parts, identity->session, identity->expires_at, ack);
}

using Handle = std::function<void(std::function<void(socketio::Socket&)>)>;

// A client whose tokens are cookies cannot read them; it has called POST /api/auth/refresh, and the store
// knows until when the session's newest token is valid.
Task<> extend_by_session(Handle on_socket, SessionParts parts, SessionId id, socketio::Ack ack) {
    auto found = co_await parts.store.sessions().session(id);
    on_socket([&](socketio::Socket& socket) {
        session_of(socket).asking = false;
        if (!found && found.error().code == ErrorCode::unavailable)
            return refuse(ack, "UNAVAILABLE", "The database is out of reach; try again");
        // Meanwhile it may have shown the token of another session.
        if (session_of(socket).id() != id || !found || found->revoked ||
            found->user != session_of(socket).user() || found->role != store::Role::tenant ||
            found->access_expires_at <= socket.home().clock().wall_now())
            return refuse_token(ack);
        extend(socket, parts, id, found->access_expires_at, ack);
    });
}

void on_refresh(socketio::Socket& socket, const SessionParts& parts, const socketio::Args& args,
                socketio::Ack ack) {
    const auto* given = args.size() > 0 ? args[0].if_object() : nullptr;
    const auto* token = given ? given->if_contains("token") : nullptr;
    if (token && !token->is_null()) {
        if (!token->is_string()) return refuse(ack, "VALIDATION_ERROR", "token: must be a string");
        return extend_by_token(socket, parts, token->get_string(), ack);
    }
    auto& session = session_of(socket);
    if (!session.id())
        return refuse(ack, "VALIDATION_ERROR", "token: is required, this socket has no session");
    if (std::exchange(session.asking, true)) return refuse(ack, "RATE_LIMITED", "One auth:refresh at a time");
    boost::asio::co_spawn(socket.home().executor(),
                          extend_by_session(socket.handle(), parts, *session.id(), std::move(ack)),
                          boost::asio::detached);
}

}  // namespace

SocketSession::SocketSession(socketio::Socket& socket, const auth::Identity& identity)
    : socket_(socket),
      user_(identity.user_id),
      id_(identity.session),
      expires_at_(identity.expires_at),
      timer_(socket.home().timers(), [this] { on_timer(); }) {}

void SocketSession::extend(const std::optional<SessionId>& id, WallTime expires_at) {
    id_ = id;
    expires_at_ = expires_at;
    told_ = false;
    arm();
}

// Bounded, because a far expiry would overflow the steady clock that the timer counts in.
void SocketSession::arm() {
    timer_.arm(std::clamp<Duration>(due() - now(), Duration::zero(), std::chrono::years(1)));
}

void SocketSession::on_timer() {
    if (now() < due()) return arm();
    if (std::exchange(told_, true)) return socket_.close_connection();
    arm();
    socket_.emit("auth:expiring", socketio::Args({json::object{{"expiresAt", to_iso8601(expires_at_)},
                                                               {"timestamp", to_iso8601(now())}}}));
}

SocketSession& session_of(socketio::Socket& socket) {
    return *static_cast<SocketSession*>(socket.data().get());
}

void follow_session(socketio::Socket& socket, const SessionParts& parts) {
    socket.on("auth:refresh", [&socket, parts](const socketio::Args& args, socketio::Ack ack) {
        on_refresh(socket, parts, args, std::move(ack));
    });
    session_of(socket).begin();
    const auto& id = session_of(socket).id();
    if (!id) return;
    socket.join(room_of(*id));
    // Revoked between the look at its token and now: nobody else would tell.
    if (parts.verifier.revoked(*id)) socket.disconnect(true);
}

void end_sessions(socketio::Namespace& nsp, const std::vector<SessionId>& sessions) {
    for (const auto& session : sessions)
        if (const auto room = room_of(session); nsp.has_members(room))
            nsp.local().in(room).disconnect_sockets(true);
}

}  // namespace pulse::dashboard
