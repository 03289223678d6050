#include "socketio/socket.hpp"

#include <utility>

#include "socketio/awaited_acks.hpp"
#include "socketio/namespace.hpp"

namespace pulse::socketio {

std::optional<std::string> HandshakeView::query(std::string_view name) const {
    return net::query_value(request.query(), name);
}

Next::Next(std::function<void(std::optional<ConnectError>)> decide, std::string_view when_dropped)
    : decide_(std::move(decide)), when_dropped_(when_dropped) {}

Next::Next(Next&& other) noexcept
    : decide_(std::exchange(other.decide_, nullptr)), when_dropped_(other.when_dropped_) {}

Next& Next::operator=(Next&& other) noexcept {
    if (this != &other) {
        decide(ConnectError{std::string(when_dropped_)});
        decide_ = std::exchange(other.decide_, nullptr);
        when_dropped_ = other.when_dropped_;
    }
    return *this;
}

Next::~Next() { decide(ConnectError{std::string(when_dropped_)}); }

void Next::operator()() { decide(std::nullopt); }

void Next::refuse(ConnectError error) { decide(std::move(error)); }

void Next::decide(std::optional<ConnectError> error) {
    if (const auto once = std::exchange(decide_, nullptr)) once(std::move(error));
}

void Ack::operator()(Args args) const {
    if (answer_) answer_(std::move(args));
}

Task<std::optional<Args>> Socket::emit_with_ack(std::string event, Args args, Duration timeout) {
    return this->timeout(timeout).emit_with_ack(std::move(event), std::move(args));
}

Task<std::optional<Args>> SocketOperator::emit_with_ack(std::string event, Args args) const {
    return awaited<std::optional<Args>>([chosen = *this, event = std::move(event), args = std::move(args)](
                                            const auto& done) { chosen.emit_with_ack(event, args, done); });
}

SocketOperator Socket::volatile_() { return SocketOperator(*this).volatile_(); }

SocketOperator Socket::compress(bool compress) { return SocketOperator(*this).compress(compress); }

SocketOperator Socket::timeout(Duration timeout) { return SocketOperator(*this).timeout(timeout); }

BroadcastOperator Socket::to(std::string_view room) { return broadcast().to(room); }

BroadcastOperator Socket::in(std::string_view room) { return broadcast().to(room); }

BroadcastOperator Socket::except(std::string_view room) { return broadcast().except(room); }

BroadcastOperator Socket::local() { return broadcast().local(); }

SocketOperator SocketOperator::volatile_() const {
    SocketOperator changed = *this;
    changed.how_.delivery = Delivery::may_drop;
    return changed;
}

SocketOperator SocketOperator::compress(bool compress) const {
    SocketOperator changed = *this;
    changed.how_.compress = compress;
    return changed;
}

SocketOperator SocketOperator::timeout(Duration timeout) const {
    SocketOperator changed = *this;
    changed.how_.timeout = timeout;
    return changed;
}

std::string_view to_string(DisconnectReason reason) {
    switch (reason) {
        case DisconnectReason::transport_close:
            return "transport close";
        case DisconnectReason::transport_error:
            return "transport error";
        case DisconnectReason::ping_timeout:
            return "ping timeout";
        case DisconnectReason::parse_error:
            return "parse error";
        case DisconnectReason::forced_close:
            return "forced close";
        case DisconnectReason::forced_server_close:
            return "forced server close";
        case DisconnectReason::server_shutting_down:
            return "server shutting down";
        case DisconnectReason::client_namespace_disconnect:
            return "client namespace disconnect";
        case DisconnectReason::server_namespace_disconnect:
            return "server namespace disconnect";
        case DisconnectReason::too_slow:
            return "too slow";
    }
    return "unknown";
}

}  // namespace pulse::socketio
