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
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/server.hpp"
#include "socketio/namespace.hpp"
#include "socketio/numbers.hpp"
#include "socketio/socket.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

// How packets are written (Socket.IO protocol 5: "custom parser"). Client and server must agree beforehand.
enum class Parser {
    json,
    msgpack,  // of socket.io-msgpack-parser 3, in JavaScript; msgpack in python-socketio
};

struct Options {
    engineio::Options engine;                             // its path defaults to "/socket.io/" here
    Duration connect_timeout = std::chrono::seconds(45);  // to join a first namespace
    std::size_t max_attachments = 10;                     // per packet, both ways: the stock client's limit
    std::size_t max_attachment_bytes = 4'000'000;         // waiting for one packet's completion
    std::size_t max_namespaces_per_client = 32;
    std::size_t max_dynamic_namespaces = 10'000;  // made for names that match a pattern
    std::size_t max_rooms_per_socket = 1000;
    std::size_t max_pending_acks = 10'000;  // per socket, awaited by the server
    std::size_t max_held_events = 1000;     // per socket, waiting for per-event middleware
    Parser parser = Parser::json;
    // The query parameter ("json" or "msgpack") by which a client says that it uses another; empty: none
    // does.
    std::string parser_query{};
    // Sent by one connection, in the long run and at once after a pause; beyond it the connection is closed.
    // A binary packet's attachments count. The stock client sends at once what was emitted while it was
    // offline.
    unsigned max_packets_per_second = 2000;  // 0: any number
    unsigned max_packet_burst = 20'000;
    // Held for one socket (Delivery::newest), and what was emitted behind them; beyond either: too_slow.
    std::size_t max_conflated_packets = 10'000;
    std::size_t max_conflated_bytes = 1024 * 1024;
    // Kept for who joins a room (BroadcastOperator::retain), per namespace; beyond either those that were
    // emitted the longest time ago are forgotten.
    std::size_t max_retained_values = 10'000;
    std::size_t max_retained_bytes = 16 * 1024 * 1024;
    Options() { engine.path = "/socket.io/"; }
};

struct Stats {                                // since the start; any thread may read
    std::atomic<std::uint64_t> connected{0};  // sockets now
    std::atomic<std::uint64_t> connects{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> packets_in[packet_types] = {};  // by PacketType
    // Deliveries: one broadcast to ten sockets counts ten.
    std::atomic<std::uint64_t> packets_out[packet_types] = {};
    std::atomic<std::uint64_t> broadcasts{0};
    std::atomic<std::uint64_t> invalid_packets{0};
    std::atomic<std::uint64_t> over_rate{0};          // connections closed for it
    std::atomic<std::uint64_t> volatile_dropped{0};   // and by SlowClients::Policy::drop
    std::atomic<std::uint64_t> conflated{0};          // not sent, since a newer one took their place
    std::atomic<std::uint64_t> retained_evicted{0};   // forgotten, since too many were retained
    std::atomic<std::uint64_t> disconnects[10] = {};  // by DisconnectReason
    std::atomic<std::uint64_t> recovered{0};          // came back as who they were
    std::atomic<std::uint64_t> not_recovered{0};      // tried to, and are newcomers
};

// Whether there is to be a namespace of that name; on the shard of the client that wishes to join it, with
// what its CONNECT says. Whether this client may join is for the namespace's middleware to decide.
using NamePredicate = std::function<bool(std::string_view name, const boost::json::object& auth)>;
// Prepares a namespace that was just made, before the first socket: middleware, handlers, adapter, recovery.
// On some shard, for one namespace at a time.
using ConfigureNamespace = std::function<void(Namespace&)>;

class Server {
public:
    Server(net::ShardPool& shards, Options options);
    ~Server();  // after close() finished, or after the shards have stopped

    // The namespace of that name ("/chat"; "/" is not there unless asked for), made on first use, and there
    // as long as the server. Before traffic only.
    Namespace& of(std::string_view name);
    // Namespaces that are made when a first client asks for one of a name that matches (the whole of it), and
    // let go when the last client has left; one with recovery from a log of this process is kept for as long
    // as somebody may come back to it. At most max_dynamic_namespaces, beyond which clients get a
    // connect_error. Patterns are tried in the order in which they were given, after the names of of(name).
    // Before traffic.
    void of(std::regex pattern, ConfigureNamespace configure);
    void of(NamePredicate predicate, ConfigureNamespace configure);
    // One that is there now; nullptr: none. Any thread. What is emitted after a namespace was let go reaches
    // nobody.
    std::shared_ptr<Namespace> find(std::string_view name) const;
    std::vector<std::string> namespaces() const;  // the names of those that are there now; any thread

    // The main namespace, "/", and what one does with it most; after a first of("/").
    Namespace& sockets() { return of("/"); }
    BroadcastOperator to(std::string_view room) { return sockets().to(room); }
    BroadcastOperator in(std::string_view room) { return sockets().to(room); }
    BroadcastOperator except(std::string_view room) { return sockets().except(room); }
    BroadcastOperator local() { return sockets().local(); }
    BroadcastOperator volatile_() { return sockets().volatile_(); }
    BroadcastOperator compress(bool compress) { return sockets().compress(compress); }
    BroadcastOperator timeout(Duration timeout) { return sockets().timeout(timeout); }
    void emit(std::string_view event, const Args& args) { sockets().emit(event, args); }
    void use(Namespace::Middleware middleware) { sockets().use(std::move(middleware)); }
    void on_connection(std::function<void(Socket&)> handler) { sockets().on_connection(std::move(handler)); }

    // The parts of a net::HttpHandler, for whoever owns the HTTP server (standalone.hpp is one).
    engineio::Server& engine();

    // Refuses newcomers, then closes every connection without DISCONNECT in slices (clients come back,
    // elsewhere, spread out); `done` runs on some shard at the end. Any thread.
    void close(std::size_t per_slice, Duration pause, std::function<void()> done);
    // The same, spread evenly over `duration`; no time at all: at once.
    void drain(Duration duration, std::function<void()> done);
    const Stats& stats() const;
    // What the server does, as plain numbers (numbers.hpp). Any thread; some microseconds.
    Numbers numbers() const;
    const Options& options() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pulse::socketio
