#pragma once
// The handlers of one socket and the way an event takes to them: per-event middleware, on_any(), on().
// Touched on the socket's shard; the socket outlives every call.
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "socketio/handler_list.hpp"
#include "socketio/outgoing.hpp"
#include "socketio/socket.hpp"

namespace pulse::socketio {

class SocketImpl;

class SocketEvents {
public:
    HandlerId on(std::string event, EventHandler handler, bool once);
    HandlerId on_any(AnyHandler handler);
    HandlerId prepend_any(AnyHandler handler);
    HandlerId on_any_outgoing(AnyOutgoingHandler handler);
    HandlerId on_disconnect(std::function<void(DisconnectReason)> handler);
    HandlerId on_error(std::function<void(const EventError&)> handler);
    bool off(HandlerId handler);
    bool off(std::string_view event);
    void use(EventMiddleware middleware);

    // An event has arrived.
    void receive(SocketImpl& socket, std::string name, Args args, Ack ack);
    void report(SocketImpl& socket, const EventError& error);
    bool wants_outgoing() const { return rare_ && !rare_->outgoing.empty(); }
    void tell_outgoing(SocketImpl& socket, const Outgoing& packet);
    void tell_disconnect(SocketImpl& socket, DisconnectReason reason);

private:
    struct NamedHandler {
        std::string event;
        EventHandler call;
        bool once;
    };
    struct Rare {  // what few sockets have
        HandlerList<AnyOutgoingHandler> outgoing;
        HandlerList<std::function<void(const EventError&)>> errors;
        std::deque<EventMiddleware> middleware;  // none moves when one is added by another
        std::deque<std::shared_ptr<IncomingEvent>> held;
        bool deciding = false;  // on the first one held
        bool pumping = false;
    };
    Rare& rare();
    HandlerId next_id() { return HandlerId(++last_id_); }
    void dispatch(SocketImpl& socket, const IncomingEvent& event);
    void pump(SocketImpl& socket);
    void ask_middleware(SocketImpl& socket, std::size_t step);
    void decided(SocketImpl& socket, std::size_t step, const std::optional<ConnectError>& error);

    HandlerList<NamedHandler> handlers_;
    HandlerList<AnyHandler> any_handlers_;
    HandlerList<std::function<void(DisconnectReason)>> disconnect_handlers_;
    std::unique_ptr<Rare> rare_;
    std::uint32_t last_id_ = 0;
};

}  // namespace pulse::socketio
