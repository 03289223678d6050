#pragma once
// One client in one namespace, and what the application meets around it: handshake, acknowledgements,
// middleware's Next, reasons for leaving. A Socket lives on one shard; every call on it is made there.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "engineio/server.hpp"
#include "net/shard.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

class Namespace;
class BroadcastOperator;

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
    explicit Next(std::function<void(std::optional<ConnectError>)> decide);
    Next(Next&& other) noexcept;
    Next& operator=(Next&& other) noexcept;
    ~Next();
    void operator()();  // go on
    void refuse(ConnectError error);

private:
    void decide(std::optional<ConnectError> error);
    std::function<void(std::optional<ConnectError>)> decide_;
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
};

// Called with the acknowledgement's arguments, or nullopt when the time ran out or the socket left.
using AckCallback = std::function<void(std::optional<Args>)>;
// The arguments are valid during the call; a handler that wants to keep some copies them.
using EventHandler = std::function<void(const Args&, Ack)>;
using AnyHandler = std::function<void(std::string_view event, const Args&, Ack)>;

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

    virtual void on(std::string event, EventHandler handler) = 0;
    virtual void on_any(AnyHandler handler) = 0;  // before the event's own handlers
    virtual void on_disconnect(std::function<void(DisconnectReason)> handler) = 0;

    // Throws std::invalid_argument if the event's name is reserved, or if there are more than
    // max_attachments attachments (the stock client would close the connection). Does nothing if not
    // connected; emit_with_ack() then calls `done` with nullopt, as it does at once (sending nothing) when
    // max_pending_acks are already awaited.
    virtual void emit(std::string_view event, const Args& args, Delivery delivery = Delivery::reliable) = 0;
    virtual void emit_with_ack(std::string_view event, const Args& args, Duration timeout,
                               AckCallback done) = 0;

    virtual void join(std::string_view room) = 0;  // beyond max_rooms_per_socket: ignored, and logged
    virtual void leave(std::string_view room) = 0;
    virtual std::vector<std::string> rooms() const = 0;
    virtual BroadcastOperator broadcast() = 0;  // everybody in the namespace but this socket

    // Sends DISCONNECT; the stock client does not reconnect by itself after it. `close`: the whole
    // connection, with every namespace of it.
    virtual void disconnect(bool close = false) = 0;
    // Closes the connection without DISCONNECT, so that the client comes back.
    virtual void close_connection() = 0;
    virtual engineio::TransportKind transport() const = 0;

    // Something valid on any thread to reach this socket by: runs `work` on its shard (at once if called
    // there) if it is still connected.
    virtual std::function<void(std::function<void(Socket&)>)> handle() = 0;
};

}  // namespace pulse::socketio
