#include "socketio/socket_events.hpp"

#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "socketio/namespace_impl.hpp"
#include "socketio/packet.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {

namespace {

// One that waits for middleware behind others, and how many bytes there have been up to it: so those of all
// that wait are a difference. The first of them is not counted, which spares the usual one that hardly waits.
struct HeldEvent : IncomingEvent {
    explicit HeldEvent(IncomingEvent event) : IncomingEvent(std::move(event)) {}
    HeldEvent(IncomingEvent event, std::size_t before)
        : IncomingEvent(std::move(event)), begin(before), end(before) {
        end += boost::json::serialize(args.json).size();
        for (const auto& one : args.attachments) end += one.size();
    }
    std::size_t begin = 0;
    std::size_t end = 0;
};

const HeldEvent& held_event(const std::shared_ptr<IncomingEvent>& event) {
    return static_cast<const HeldEvent&>(*event);
}

}  // namespace

HandlerId SocketEvents::on(std::string event, EventHandler handler, bool once) {
    const HandlerId id = next_id();
    handlers_.append(std::uint32_t(id), {std::move(event), std::move(handler), once});
    return id;
}

HandlerId SocketEvents::on_any(AnyHandler handler) {
    const HandlerId id = next_id();
    any_handlers_.append(std::uint32_t(id), std::move(handler));
    return id;
}

HandlerId SocketEvents::prepend_any(AnyHandler handler) {
    const HandlerId id = next_id();
    any_handlers_.prepend(std::uint32_t(id), std::move(handler));
    return id;
}

HandlerId SocketEvents::on_any_outgoing(AnyOutgoingHandler handler) {
    const HandlerId id = next_id();
    rare().outgoing.append(std::uint32_t(id), std::move(handler));
    return id;
}

HandlerId SocketEvents::on_disconnect(std::function<void(DisconnectReason)> handler) {
    const HandlerId id = next_id();
    disconnect_handlers_.append(std::uint32_t(id), std::move(handler));
    return id;
}

HandlerId SocketEvents::on_error(std::function<void(const EventError&)> handler) {
    const HandlerId id = next_id();
    rare().errors.append(std::uint32_t(id), std::move(handler));
    return id;
}

bool SocketEvents::off(HandlerId handler) {
    const auto id = std::uint32_t(handler);
    if (id == 0) return false;
    return handlers_.remove(id) || any_handlers_.remove(id) || disconnect_handlers_.remove(id) ||
           (rare_ && (rare_->outgoing.remove(id) || rare_->errors.remove(id)));
}

bool SocketEvents::off(std::string_view event) {
    return handlers_.remove_if(
        [event](const NamedHandler& handler, std::uint32_t) { return handler.event == event; });
}

void SocketEvents::use(EventMiddleware middleware) { rare().middleware.push_back(std::move(middleware)); }

SocketEvents::Rare& SocketEvents::rare() {
    if (!rare_) rare_ = std::make_unique<Rare>();
    return *rare_;
}

void SocketEvents::receive(SocketImpl& socket, std::string name, Args args, Ack ack) {
    IncomingEvent event{std::move(name), std::move(args), std::move(ack)};
    if (!rare_ || (rare_->middleware.empty() && rare_->held.empty())) return dispatch(socket, event);
    if (rare_->held.size() >= socket.max_held_events()) {
        log::warn("socket.io: a socket of {} sent more than the {} events that may wait for middleware",
                  socket.nsp_name(), socket.max_held_events());
        return socket.close_connection();
    }
    auto& held = rare_->held;
    held.push_back(held.empty() ? std::make_shared<HeldEvent>(std::move(event))
                                : std::make_shared<HeldEvent>(std::move(event), held_event(held.back()).end));
    // As much as the attachments of one packet may have; one alone may be larger.
    const auto most = static_cast<NamespaceImpl&>(socket.nsp()).shared().options.max_attachment_bytes;
    if (held.size() > 1 && held_event(held.back()).end - held_event(held.front()).begin > most) {
        log::warn("socket.io: a socket of {} sent more than {} bytes of events that wait for middleware",
                  socket.nsp_name(), most);
        return socket.close_connection();
    }
    pump(socket);
}

void SocketEvents::dispatch(SocketImpl& socket, const IncomingEvent& event) {
    socket.guarded("event handler", [&] {
        any_handlers_.each([&](const AnyHandler& call, std::uint32_t) {
            call(event.name, event.args, event.ack);
            return socket.connected();
        });
        if (!socket.connected()) return;
        handlers_.each([&](const NamedHandler& handler, std::uint32_t id) {
            if (handler.event != event.name) return true;
            if (handler.once) handlers_.remove(id);
            handler.call(event.args, event.ack);
            return socket.connected();
        });
    });
}

void SocketEvents::pump(SocketImpl& socket) {
    if (std::exchange(rare_->pumping, true)) return;  // the loop below goes on
    while (!rare_->held.empty() && !rare_->deciding && socket.connected()) {
        rare_->deciding = true;
        ask_middleware(socket, 0);
    }
    rare_->pumping = false;
}

void SocketEvents::ask_middleware(SocketImpl& socket, std::size_t step) {
    Next next(
        [weak = socket.weak_from_this(), home = &socket.home(), step](std::optional<ConnectError> error) {
            home->dispatch([weak, step, error = std::move(error)] {
                const auto waiting = weak.lock();
                if (waiting && waiting->connected()) waiting->events().decided(*waiting, step, error);
            });
        },
        "Refused");
    const auto event = rare_->held.front();  // held by name: deciding lets it go
    socket.guarded("event middleware", [&] { rare_->middleware[step](*event, std::move(next)); });
}

void SocketEvents::decided(SocketImpl& socket, std::size_t step, const std::optional<ConnectError>& error) {
    if (!error && step + 1 < rare_->middleware.size()) return ask_middleware(socket, step + 1);
    const auto event = std::move(rare_->held.front());
    rare_->held.pop_front();
    // Others that arrive while its handlers run still wait: for the loop in pump(), which calls nothing while
    // `deciding` is set.
    if (error) {
        report(socket, {event->name, *error, event->ack});
    } else {
        dispatch(socket, *event);
    }
    rare_->deciding = false;
    pump(socket);
}

void SocketEvents::report(SocketImpl& socket, const EventError& error) {
    log::debug("socket.io: event \"{}\" of {} was refused: {}", error.event, socket.nsp_name(),
               error.error.message);
    if (!rare_) return;
    socket.guarded("error handler", [&] {
        rare_->errors.each([&](const auto& call, std::uint32_t) {
            call(error);
            return socket.connected();
        });
    });
}

void SocketEvents::tell_outgoing(SocketImpl& socket, const Outgoing& packet) {
    const auto event = read_event(packet);
    if (!event) return;
    socket.guarded("outgoing handler", [&] {
        rare_->outgoing.each([&](const AnyOutgoingHandler& call, std::uint32_t) {
            call(event->first, event->second);
            return socket.connected();
        });
    });
}

void SocketEvents::tell_disconnect(SocketImpl& socket, DisconnectReason reason) {
    disconnect_handlers_.each([&](const auto& call, std::uint32_t) {
        socket.guarded("disconnect handler", [&] { call(reason); });
        return true;
    });
}

}  // namespace pulse::socketio
