#pragma once
// A Socket.IO server (protocol 5) with the names of the Node server's API. Start here:
//
//     socketio::Server io(shards, {});
//     io.of("/chat").on_connection([](socketio::Socket& socket) {
//         socket.on("message", [&socket](const Args& args, Ack ack) { socket.broadcast().emit("message", args); });
//     });
//
// Threads: a Socket lives on one shard, and everything about it (handlers, calls on it) happens there.
// Server, Namespace and BroadcastOperator may be used from any thread: what is emitted reaches the sockets of each shard in the
// order in which one thread emitted it. Namespaces, middleware and handlers are set before traffic starts.
#include <boost/json/value.hpp>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/server.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

class Socket;
class Namespace;
class BroadcastOperator;

struct Options {
    engineio::Options engine;  // its path defaults to "/socket.io/" here
    Duration connect_timeout = std::chrono::seconds(45);  // to join a first namespace
    std::size_t max_attachments = 10;                     // per packet, both ways: the stock client's limit
    std::size_t max_attachment_bytes = 4'000'000;         // waiting for one packet's completion
    std::size_t max_namespaces_per_client = 32;
    std::size_t max_rooms_per_socket = 1000;
    std::size_t max_pending_acks = 10'000;                // per socket, awaited by the server
    Options() { engine.path = "/socket.io/"; }
};

// What the client presented (wire page B10). Lives as long as its socket.
struct HandshakeView {
    const net::Request& request;       // headers, address, url, query of the connection's first request
    WallTime issued;                   // of this namespace's CONNECT
    const boost::json::object& auth;   // the CONNECT payload; {} if none
    std::optional<std::string> query(std::string_view name) const;
};

// Why a CONNECT is refused: the client's connect_error gets the message, and `data` if there is one.
struct ConnectError {
    std::string message;
    std::optional<boost::json::value> data;
};

// Lets a middleware go on or refuse, once, now or later, from any thread. Dropped uncalled: refused.
class Next {
public:
    Next() = default;
    explicit Next(std::function<void(std::optional<ConnectError>)> decide);
    Next(Next&&) noexcept = default;
    Next& operator=(Next&&) noexcept;
    ~Next();
    void operator()();                       // go on
    void refuse(ConnectError error);

private:
    std::function<void(std::optional<ConnectError>)> decide_;
};

// The acknowledgement a client asked for. Empty if it did not; answers once, later calls are ignored, as
// are answers to a socket that is gone. Callable from any thread.
class Ack {
public:
    Ack() = default;
    explicit Ack(std::function<void(Args)> answer) : answer_(std::move(answer)) {}
    explicit operator bool() const { return bool(answer_); }
    void operator()(Args args = {});

private:
    std::function<void(Args)> answer_;
};

enum class DisconnectReason {  // to_string gives the reference server's text
    transport_close,
    transport_error,
    ping_timeout,
    parse_error,
    forced_close,
    forced_server_close,
    server_shutting_down,
    client_namespace_disconnect,
    server_namespace_disconnect,
    too_slow,
};
std::string_view to_string(DisconnectReason reason);

enum class Delivery {
    reliable,  // queued until it can leave
    may_drop,  // volatile: dropped where it cannot leave at once
};

// Called with the acknowledgement's arguments, or nullopt when the time ran out or the socket left.
using AckCallback = std::function<void(std::optional<Args>)>;
using EventHandler = std::function<void(const Args&, Ack)>;
using AnyHandler = std::function<void(std::string_view event, const Args&, Ack)>;

// One client in one namespace. Owned by its connection; a pointer is valid until on_disconnect returned.
// To come back to it later, from elsewhere, keep its id and shard, or post through run_on().
class Socket {
public:
    virtual ~Socket() = default;
    virtual const std::string& id() const = 0;  // 20 characters, unrelated to the Engine.IO sid
    virtual Namespace& nsp() = 0;
    virtual net::Shard& home() = 0;
    virtual HandshakeView handshake() const = 0;
    virtual bool connected() const = 0;
    virtual std::shared_ptr<void>& data() = 0;  // the application's own

    virtual void on(std::string event, EventHandler handler) = 0;
    virtual void on_any(AnyHandler handler) = 0;  // before the event's own handlers
    virtual void on_disconnect(std::function<void(DisconnectReason)> handler) = 0;

    // The event's name must not be reserved (asserted); at most max_attachments attachments.
    virtual void emit(std::string_view event, const Args& args, Delivery delivery = Delivery::reliable) = 0;
    virtual void emit_with_ack(std::string_view event, const Args& args, Duration timeout, AckCallback done) = 0;

    virtual void join(std::string_view room) = 0;
    virtual void leave(std::string_view room) = 0;
    virtual std::vector<std::string> rooms() const = 0;
    virtual BroadcastOperator broadcast() = 0;  // everybody in the namespace but this socket

    // Sends DISCONNECT; the stock client does not reconnect by itself after it. `close`: the whole
    // connection, with every namespace of it.
    virtual void disconnect(bool close = false) = 0;
    // Closes the connection without DISCONNECT, so that the client comes back.
    virtual void close_connection() = 0;
    virtual engineio::TransportKind transport() const = 0;

    // Something valid on any thread to reach this socket by: runs `work` on its shard if it is still there.
    virtual std::function<void(std::function<void(Socket&)>)> handle() = 0;
};

// Chooses who gets a broadcast; a value, cheap to copy.
class BroadcastOperator {
public:
    explicit BroadcastOperator(Namespace& nsp) : nsp_(&nsp) {}
    BroadcastOperator to(std::string_view room) const;      // union of rooms; none: everybody
    BroadcastOperator except(std::string_view room) const;
    BroadcastOperator volatile_() const;

    void emit(std::string_view event, const Args& args) const;
    // Calls `done` (on some shard) with the answers that came in time, and how many sockets were asked.
    void emit_with_ack(std::string_view event, const Args& args, Duration timeout,
                       std::function<void(std::vector<Args>, std::size_t asked)> done) const;
    void sockets_join(std::string_view room) const;
    void sockets_leave(std::string_view room) const;
    void disconnect_sockets(bool close = false) const;

private:
    friend class Namespace;
    Namespace* nsp_;
    std::vector<std::string> rooms_;
    std::vector<std::string> except_;
    Delivery delivery_ = Delivery::reliable;
};

class Namespace {
public:
    using Middleware = std::function<void(Socket&, Next)>;

    virtual ~Namespace() = default;
    virtual const std::string& name() const = 0;
    // Run in order for each CONNECT, before the socket is connected; `socket` is not in any room yet.
    virtual void use(Middleware middleware) = 0;
    virtual void on_connection(std::function<void(Socket&)> handler) = 0;

    BroadcastOperator to(std::string_view room) { return BroadcastOperator(*this).to(room); }
    BroadcastOperator except(std::string_view room) { return BroadcastOperator(*this).except(room); }
    void emit(std::string_view event, const Args& args) { BroadcastOperator(*this).emit(event, args); }
    // Runs `work` for each local socket of the room (empty: the namespace), on each one's shard.
    virtual void for_each(std::string_view room, std::function<void(Socket&)> work) = 0;
    virtual std::size_t size() const = 0;                          // connected sockets, over all shards
    virtual bool has_members(std::string_view room) const = 0;     // on any shard; any thread

protected:
    friend class BroadcastOperator;
    struct Target {
        std::vector<std::string> rooms;
        std::vector<std::string> except;
        Delivery delivery = Delivery::reliable;
    };
    virtual void broadcast(const Target& target, std::string_view event, const Args& args) = 0;
    virtual void broadcast_with_ack(const Target& target, std::string_view event, const Args& args, Duration timeout,
                                    std::function<void(std::vector<Args>, std::size_t)> done) = 0;
    virtual void each_target(const Target& target, std::function<void(Socket&)> work) = 0;
};

struct Stats {  // since the start; any thread may read
    std::atomic<std::uint64_t> connected{0};  // sockets now
    std::atomic<std::uint64_t> connects{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> packets_in{0};
    std::atomic<std::uint64_t> packets_out{0};      // deliveries: one broadcast to ten sockets counts ten
    std::atomic<std::uint64_t> broadcasts{0};
    std::atomic<std::uint64_t> invalid_packets{0};
    std::atomic<std::uint64_t> volatile_dropped{0};
    std::atomic<std::uint64_t> disconnects[10] = {};  // by DisconnectReason
};

class Server {
public:
    Server(net::ShardPool& shards, Options options);
    ~Server();  // after close() finished, or after the shards have stopped

    // The namespace of that name ("/chat"; "/" is not there unless asked for), made on first use. Before
    // traffic only.
    Namespace& of(std::string_view name);

    // The parts of a net::HttpHandler, for whoever owns the HTTP server.
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
