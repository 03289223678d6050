#include "socketio/socket.hpp"

#include <utility>

namespace pulse::socketio {

std::optional<std::string> HandshakeView::query(std::string_view name) const {
    return net::query_value(request.query(), name);
}

Next::Next(std::function<void(std::optional<ConnectError>)> decide) : decide_(std::move(decide)) {}

Next::Next(Next&& other) noexcept : decide_(std::exchange(other.decide_, nullptr)) {}

Next& Next::operator=(Next&& other) noexcept {
    if (this != &other) {
        decide(ConnectError{"Connection refused"});
        decide_ = std::exchange(other.decide_, nullptr);
    }
    return *this;
}

Next::~Next() { decide(ConnectError{"Connection refused"}); }

void Next::operator()() { decide(std::nullopt); }

void Next::refuse(ConnectError error) { decide(std::move(error)); }

void Next::decide(std::optional<ConnectError> error) {
    if (const auto once = std::exchange(decide_, nullptr)) once(std::move(error));
}

void Ack::operator()(Args args) const {
    if (answer_) answer_(std::move(args));
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
