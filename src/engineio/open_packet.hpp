#pragma once
// The first packet of a session: the sid and the settings that the client follows. Pure; any thread.
#include <string>
#include <string_view>

#include "engineio/server.hpp"

namespace pulse::engineio {

// 0{"sid":…,"upgrades":[…],"pingInterval":…,"pingTimeout":…,"maxPayload":…}
std::string open_packet(std::string_view sid, TransportKind transport, const Options& options);

// What is kept of a session's first request, in as little memory as it takes: not the body, and not the
// fields that were about the connection only.
Handshake compact_handshake(const net::Request& request, WallTime time);

}  // namespace pulse::engineio
