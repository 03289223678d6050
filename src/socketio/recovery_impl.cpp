#include "socketio/recovery_impl.hpp"

namespace pulse::socketio {

bool is_recoverable(DisconnectReason reason) {
    switch (reason) {
        case DisconnectReason::transport_close:
        case DisconnectReason::transport_error:
        case DisconnectReason::ping_timeout:
        case DisconnectReason::forced_close:
        case DisconnectReason::forced_server_close:
        case DisconnectReason::server_shutting_down:
        case DisconnectReason::too_slow:
            return true;
        case DisconnectReason::parse_error:
        case DisconnectReason::client_namespace_disconnect:
        case DisconnectReason::server_namespace_disconnect:
            return false;
    }
    return false;
}

void append_offset(std::string& event, std::string_view offset) {
    event.back() = ',';
    event += '"';
    event += offset;
    event += "\"]";
}

void guard_offset(std::string& event, const Args& args) {
    if (args.json.empty() || !args.json.back().is_string()) return;
    event.back() = ',';
    event += "null]";
}

}  // namespace pulse::socketio
