#pragma once
// One client in one namespace, and what the application meets around it: handshake, acknowledgements,
// middleware's Next, reasons for leaving. A Socket lives on one shard; every call on it is made there.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "engineio/server.hpp"
#include "net/shard.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

class Namespace;
class BroadcastOperator;
class SocketOperator;

// What the client presented (Socket.IO protocol 5). Lives as long as its socket.
struct HandshakeView {
    const net::Request& request;      // headers, address, url, query of the connection's first request
    WallTime issued;                  // of this namespace's CONNECT
    const boost::json::object& auth;  // the CONNECT payload; {} if none
    std::optional<std::string> query(std::string_view name) const;
};

// Why a CONNECT is refused: the client's connect_error gets the message, and `data` if there is one.
struct ConnectError {
    std::string message;
    std::optional<boost::json::value> data{};
};

// Lets a middleware go on or refuse, once, now or later, from any thread. Dropped uncalled: refused.
class Next {
public:
    Next() = default;
    explicit Next(std::function<void(std::optional<ConnectError>)> decide,
                  std::string_view when_dropped = "Connection refused");
    Next(Next&& other) noexcept;
    Next& operator=(Next&& other) noexcept;
    ~Next();
    void operator()();  // go on
    void refuse(ConnectError error);

private:
    void decide(std::optional<ConnectError> error);
    std::function<void(std::optional<ConnectError>)> decide_;
    std::string_view when_dropped_;  // a literal
};

// The acknowledgement a client asked for. Empty if it did not; answers once, later calls are ignored, as
// are answers to a socket that is gone. Callable from any thread.
class Ack {
public:
    Ack() = default;
    explicit Ack(std::function<void(Args)> answer) : answer_(std::move(answer)) {}
    explicit operator bool() const { return bool(answer_); }
    void operator()(Args args = {}) const;

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
    // Held where it cannot leave at once. Of those with the same key to the same rooms (without a key: of the
    // same name) only the newest is sent then. For state: of what was skipped nobody hears.
    newest,
};

// Called with the acknowledgement's arguments, or nullopt when the time ran out or the socket left.
using AckCallback = std::function<void(std::optional<Args>)>;
// The arguments are valid during the call; a handler that wants to keep some copies them.
using EventHandler = std::function<void(const Args&, Ack)>;
using AnyHandler = std::function<void(std::string_view event, const Args&, Ack)>;
// What a socket is being sent, by whatever call; valid during the call.
using AnyOutgoingHandler = std::function<void(std::string_view event, const Args&)>;

// Names a handler of one socket, for off().
enum class HandlerId : std::uint32_t {};

// An event on its way to its handlers. Per-event middleware may change it.
struct IncomingEvent {
    std::string name;
    Args args;
    Ack ack;  // empty if the client asked for none
};
// `event` is valid during the call; Next may be called later and from any thread.
using EventMiddleware = std::function<void(IncomingEvent& event, Next)>;

// Why an event did not reach its handlers: a middleware refused it, or its arguments are not those that a
// typed handler takes (event.hpp). The client is told nothing, unless whoever handles this uses `ack`.
struct EventError {
    std::string event;
    ConnectError error;
    Ack ack;
};

// How a single socket is sent something.
struct EmitOptions {
    Delivery delivery = Delivery::reliable;
    Duration timeout = std::chrono::seconds(10);  // of an acknowledgement
    bool compress = true;  // where the transport compresses (per_message_deflate, http_compression)
};

// Owned by its connection; a pointer is valid until on_disconnect returned. To come back to it later, or
// from elsewhere, take its handle(). Handlers may do anything, also leave or disconnect; one that throws
// costs its connection (logged), nothing else. Before on_connection nothing can be sent to it.
class Socket {
public:
    virtual ~Socket() = default;
    virtual const std::string& id() const = 0;  // 20 characters, unrelated to the Engine.IO sid
    virtual Namespace& nsp() = 0;
    virtual net::Shard& home() = 0;
    virtual HandshakeView handshake() const = 0;
    virtual bool connected() const = 0;
    virtual bool recovered() const = 0;         // it came back as who it was (recovery.hpp)
    virtual std::shared_ptr<void>& data() = 0;  // the application's own
    // Releases the CONNECT payload (a token, usually) that nobody will ask for again; auth is {} then.
    virtual void drop_handshake() {}

    virtual HandlerId on(std::string event, EventHandler handler) = 0;
    virtual HandlerId once(std::string event, EventHandler handler) = 0;  // for the next one only
    // For every event, before its own handlers; prepend_any() before those of on_any().
    virtual HandlerId on_any(AnyHandler handler) = 0;
    virtual HandlerId prepend_any(AnyHandler handler) = 0;
    // Of events sent to this socket, also by a broadcast or an adapter, before they are queued.
    virtual HandlerId on_any_outgoing(AnyOutgoingHandler handler) = 0;
    virtual HandlerId on_disconnect(std::function<void(DisconnectReason)> handler) = 0;
    virtual HandlerId on_error(std::function<void(const EventError&)> handler) = 0;
    // Removes a handler of any of these kinds; false if it is not there (any more). A handler may remove
    // itself and others while it runs.
    virtual bool off(HandlerId handler) = 0;
    virtual bool off(std::string_view event) = 0;  // those of on() and once() of that name
    // Runs for each event, in order, before any handler. Events wait for each other: while a middleware has
    // not decided, later ones of this socket are held, max_held_events at most, beyond which the connection
    // is closed. One that is refused goes to the handlers of on_error(), if there are any.
    virtual void use(EventMiddleware middleware) = 0;

    // Throws std::invalid_argument if the event's name is reserved, or if there are more than
    // max_attachments attachments (the stock client would close the connection). Does nothing if not
    // connected; emit_with_ack() then calls `done` with nullopt, as it does at once (sending nothing) when
    // max_pending_acks are already awaited.
    void emit(std::string_view event, const Args& args, Delivery delivery = Delivery::reliable) {
        emit_as(EmitOptions{delivery}, event, args);
    }
    void emit_with_ack(std::string_view event, const Args& args, Duration timeout, AckCallback done) {
        EmitOptions how;
        how.timeout = timeout;
        emit_with_ack_as(how, event, args, std::move(done));
    }
    virtual void emit_as(const EmitOptions& how, std::string_view event, const Args& args) = 0;
    virtual void emit_with_ack_as(const EmitOptions& how, std::string_view event, const Args& args,
                                  AckCallback done) = 0;
    // The same, awaited; resumes where it is awaited.
    Task<std::optional<Args>> emit_with_ack(std::string event, Args args, Duration timeout);
    // socket.volatile_().emit(…), socket.timeout(5s).emit_with_ack(…)
    SocketOperator volatile_();
    SocketOperator compress(bool compress);
    SocketOperator timeout(Duration timeout);

    virtual void join(std::string_view room) = 0;  // beyond max_rooms_per_socket: ignored, and logged
    virtual void leave(std::string_view room) = 0;
    virtual std::vector<std::string> rooms() const = 0;
    virtual BroadcastOperator broadcast() = 0;    // everybody in the namespace but this socket
    BroadcastOperator to(std::string_view room);  // likewise, in these rooms
    BroadcastOperator in(std::string_view room);
    BroadcastOperator except(std::string_view room);
    BroadcastOperator local();

    // Sends DISCONNECT; the stock client does not reconnect by itself after it. `close`: the whole
    // connection, with every namespace of it.
    virtual void disconnect(bool close = false) = 0;
    // Closes the connection without DISCONNECT, so that the client comes back.
    virtual void close_connection() = 0;
    virtual engineio::TransportKind transport() const = 0;

    // Something valid on any thread to reach this socket by: runs `work` on its shard (at once if called
    // there) if it is still connected.
    virtual std::function<void(std::function<void(Socket&)>)> handle() = 0;

    // Calls the handlers of on_error(): for what checks events itself.
    virtual void report(const EventError& error) = 0;
};

// One emit to one socket, and how; a value. On the socket's shard, while it is there.
class SocketOperator {
public:
    explicit SocketOperator(Socket& socket, EmitOptions how = {}) : socket_(&socket), how_(how) {}
    SocketOperator volatile_() const;
    SocketOperator compress(bool compress) const;
    SocketOperator timeout(Duration timeout) const;
    void emit(std::string_view event, const Args& args) const { socket_->emit_as(how_, event, args); }
    void emit_with_ack(std::string_view event, const Args& args, AckCallback done) const {
        socket_->emit_with_ack_as(how_, event, args, std::move(done));
    }
    Task<std::optional<Args>> emit_with_ack(std::string event, Args args) const;

private:
    Socket* socket_;
    EmitOptions how_;
};

}  // namespace pulse::socketio
