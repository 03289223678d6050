#pragma once
// A Socket.IO server (protocol 5) with the names of the Node server's API. Start here:
//
//     socketio::Server io(shards, {});
//     io.of("/chat").on_connection([](socketio::Socket& socket) {
//         socket.on("message", [&socket](const Args& args, Ack ack) { socket.broadcast().emit("message",
//         args); });
//     });
//
// Threads: a Socket lives on one shard, and everything about it (handlers, calls on it) happens there.
// Server, Namespace and BroadcastOperator may be used from any thread. Namespaces, middleware and handlers
// are set before traffic starts.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "engineio/server.hpp"
#include "socketio/namespace.hpp"
#include "socketio/socket.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

struct Options {
    engineio::Options engine;                             // its path defaults to "/socket.io/" here
    Duration connect_timeout = std::chrono::seconds(45);  // to join a first namespace
    std::size_t max_attachments = 10;                     // per packet, both ways: the stock client's limit
    std::size_t max_attachment_bytes = 4'000'000;         // waiting for one packet's completion
    std::size_t max_namespaces_per_client = 32;
    std::size_t max_rooms_per_socket = 1000;
    std::size_t max_pending_acks = 10'000;  // per socket, awaited by the server
    std::size_t max_held_events = 1000;     // per socket, waiting for per-event middleware
    Options() { engine.path = "/socket.io/"; }
};

struct Stats {                                // since the start; any thread may read
    std::atomic<std::uint64_t> connected{0};  // sockets now
    std::atomic<std::uint64_t> connects{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> packets_in{0};
    std::atomic<std::uint64_t> packets_out{0};  // deliveries: one broadcast to ten sockets counts ten
    std::atomic<std::uint64_t> broadcasts{0};
    std::atomic<std::uint64_t> invalid_packets{0};
    std::atomic<std::uint64_t> volatile_dropped{0};
    std::atomic<std::uint64_t> disconnects[10] = {};  // by DisconnectReason
    std::atomic<std::uint64_t> recovered{0};          // came back as who they were
    std::atomic<std::uint64_t> not_recovered{0};      // tried to, and are newcomers
};

class Server {
public:
    Server(net::ShardPool& shards, Options options);
    ~Server();  // after close() finished, or after the shards have stopped

    // The namespace of that name ("/chat"; "/" is not there unless asked for), made on first use. Before
    // traffic only.
    Namespace& of(std::string_view name);

    // The parts of a net::HttpHandler, for whoever owns the HTTP server (standalone.hpp is one).
    engineio::Server& engine();

    // Refuses newcomers, then closes every connection without DISCONNECT in slices (clients come back,
    // elsewhere, spread out); `done` runs on some shard at the end. Any thread.
    void close(std::size_t per_slice, Duration pause, std::function<void()> done);
    const Stats& stats() const;
    const Options& options() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pulse::socketio
