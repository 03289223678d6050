#include "engineio/open_packet.hpp"

#include <algorithm>
#include <array>

namespace pulse::engineio {
namespace {

std::string milliseconds(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

bool about_the_connection(std::string_view field) {
    constexpr std::array<std::string_view, 5> names = {"connection", "upgrade", "sec-websocket-key",
                                                       "sec-websocket-version", "sec-websocket-extensions"};
    return std::ranges::find(names, field) != names.end();
}

}  // namespace

std::string open_packet(std::string_view sid, TransportKind transport, const Options& options) {
    const bool may_upgrade =
        transport == TransportKind::polling && options.websocket && options.allow_upgrades;
    std::string packet = "0{\"sid\":\"";
    packet.append(sid).append("\",\"upgrades\":[");
    if (may_upgrade) packet += "\"websocket\"";
    packet.append("],\"pingInterval\":").append(milliseconds(options.ping_interval));
    packet.append(",\"pingTimeout\":").append(milliseconds(options.ping_timeout));
    packet.append(",\"maxPayload\":").append(std::to_string(options.max_http_buffer_size));
    return packet += '}';
}

Handshake compact_handshake(const net::Request& request, WallTime time) {
    net::Headers kept;
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
        const auto [name, value] = request.headers[i];
        if (!about_the_connection(name)) kept.add(name, value);
    }
    Handshake handshake;
    handshake.time = time;
    // Copies, not moves: a copied string or vector is as large as it must be.
    handshake.request.method = request.method;
    handshake.request.target = request.target;
    handshake.request.headers = net::Headers(std::as_const(kept));
    handshake.request.peer = request.peer;
    handshake.request.http_1_1 = request.http_1_1;
    return handshake;
}

}  // namespace pulse::engineio
