#pragma once
// A server seen from outside: what it does now and has done since its start, as plain numbers for the
// application to export (Server::numbers()). A snapshot: each number is right by itself, two of them may be
// an instant apart.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/histogram.hpp"
#include "engineio/server.hpp"
#include "socketio/packet.hpp"
#include "socketio/socket.hpp"

namespace pulse::socketio {

struct NamespaceNumbers {
    std::string name;
    std::uint64_t sockets = 0;  // connected now
    std::uint64_t rooms = 0;    // with members now; not those that each socket has under its own id
};

struct Numbers {
    // Connections (Engine.IO sessions) and sockets.
    std::uint64_t connections = 0;  // now
    std::uint64_t websockets = 0;   // of them; the others poll
    std::uint64_t connections_opened = 0;
    std::uint64_t upgrades = 0;                         // from polling to websocket
    std::array<std::uint64_t, 7> connections_closed{};  // by engineio::CloseReason
    std::uint64_t sockets = 0;                          // now
    std::uint64_t sockets_connected = 0;
    std::uint64_t sockets_refused = 0;
    std::array<std::uint64_t, 10> sockets_disconnected{};  // by DisconnectReason
    std::vector<NamespaceNumbers> namespaces;              // those made for a pattern come and go

    // Traffic. A broadcast to ten sockets sends ten packets.
    std::array<std::uint64_t, packet_types> packets_in{};  // by PacketType; valid ones
    std::array<std::uint64_t, packet_types> packets_out{};
    std::uint64_t invalid_packets = 0;
    std::uint64_t broadcasts = 0;
    std::uint64_t volatile_dropped = 0;
    std::uint64_t messages_in = 0;  // of Engine.IO: each attachment is one more
    std::uint64_t messages_out = 0;
    std::uint64_t bytes_in = 0;   // of these messages
    std::uint64_t bytes_out = 0;  // written, framing included

    engineio::Queues queues;  // what waits for slow clients, as of the last second

    // Of one emit in 16 (timings.hpp).
    Histogram::Snapshot encode;      // from emit() to the frames that all recipients share
    Histogram::Snapshot delivery;    // from emit() until a shard has written to its recipients
    std::vector<Duration> loop_lag;  // by shard: how late it ran a timer, at worst in the last 10 to 20 s
};

std::uint64_t sum(const std::array<std::uint64_t, packet_types>& by_type);

}  // namespace pulse::socketio
