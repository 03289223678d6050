#pragma once
// An Engine.IO 4 server (protocol: socket.io/docs, engine.io-protocol v4): sessions over polling and
// websocket, with upgrade and heartbeat. It is handed the requests of its path by whoever owns the HTTP
// server; every session lives on one shard, named by its sid.
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "engineio/frame.hpp"
#include "net/http_message.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"

namespace pulse::engineio {

enum class TransportKind { polling, websocket };

enum class CloseReason {  // the names of the reference server (to_string: "transport close", …)
    transport_close,
    transport_error,
    ping_timeout,
    parse_error,
    forced_close,
    server_shutting_down,
    too_slow,  // ours: more waited for a client that does not read than max_buffered_… say
};
std::string_view to_string(CloseReason reason);

struct Cors {
    bool any_origin = false;                   // Access-Control-Allow-Origin: *
    std::vector<std::string> allowed_origins;  // reflected; the others get no header
    bool credentials = false;
    bool enabled() const { return any_origin || !allowed_origins.empty(); }
};

// Which browser pages may open a session, on either transport. CORS does not guard websockets, though
// browsers send cookies with their handshake.
enum class OriginPolicy {
    any,
    // Cors::allowed_origins, and the page's own server: the one that the Host header names, whatever the
    // scheme (a proxy may end TLS). Any other Origin is refused with code 4; a client that sends none is no
    // browser and passes. Without effect if Cors::any_origin is set.
    own_and_listed,
};

// Set by the answer to a handshake; its value is the sid. For load balancers only: the server does not read
// it.
struct Cookie {
    enum class SameSite { unset, lax, strict, none };
    std::string name = "io";
    std::string path = "/";  // empty: without
    std::string domain{};    // empty: without
    bool http_only = true;
    bool secure = false;
    SameSite same_site = SameSite::lax;
    std::optional<std::chrono::seconds> max_age{};  // unset: until the browser is closed
};

struct Options {  // defaults: the reference server's
    std::string path = "/engine.io/";
    bool polling = true;
    bool websocket = true;
    bool allow_upgrades = true;
    Duration ping_interval = std::chrono::milliseconds(25'000);
    Duration ping_timeout = std::chrono::milliseconds(20'000);
    Duration upgrade_timeout = std::chrono::milliseconds(10'000);
    // Bytes of one message or one POST; sent as maxPayload. An HTTP server takes bodies of this size if its
    // handler says so (net::HttpHandler::most_body_bytes).
    std::size_t max_http_buffer_size = 1'000'000;
    // Waiting for one client; beyond either it is closed as too_slow. A websocket counts a header more.
    std::size_t max_buffered_bytes = 1024 * 1024;
    std::size_t max_buffered_packets = 20'000;
    // Of a websocket, that the kernel may hold without having sent them; 0: as many as it likes, megabytes.
    // What is to be fresh when it leaves (Delivery::newest, volatile events) wants some ten thousand.
    std::size_t max_unsent_bytes = 0;
    std::size_t max_fragments = 1024;  // of one websocket message
    // Over all shards, those included whose client is still to be told of their end; beyond it handshakes
    // are answered 503.
    std::size_t max_sessions = 100'000;
    // Of one address, over all shards; beyond it likewise. 0: as many as max_sessions, for behind a proxy all
    // clients have one address unless address_of tells them apart.
    std::size_t max_sessions_per_address = 0;
    // Whose session a handshake is to count as; unset: the connection's peer. Any shard.
    std::function<std::string(const net::Request&)> address_of;
    std::optional<Cookie> cookie;  // none by default
    // Websocket messages are compressed with clients that offer it (RFC 7692), once for all of them; both
    // sides without context takeover. Off by default, as in the reference server: it costs the time of
    // compressing.
    struct PerMessageDeflate {
        bool enabled = false;
        std::size_t threshold = 1024;  // bytes; shorter messages go as they are
        int level = 1;                 // zlib's, 1 (fastest) to 9
    } per_message_deflate{};
    // Answers to polls are compressed from http_compression_threshold bytes on if the client takes gzip.
    bool http_compression = true;
    std::size_t http_compression_threshold = 1024;
    Cors cors;
    OriginPolicy origins = OriginPolicy::any;
    // Refuses a handshake by returning a text (error code 4, Forbidden). Runs on the request's shard.
    std::function<std::optional<std::string>(const net::Request&)> allow_request;
};

// What the first request of a session said; kept for Socket.IO's handshake object.
struct Handshake {
    net::Request request;  // without its body and the fields about the connection itself
    WallTime time{};
};

class Session;

// One per session, made by the application; told what arrives, on the session's shard. Destroyed after
// on_close(). May send to or close the session from any callback.
class SessionListener {
public:
    virtual ~SessionListener() = default;
    virtual void on_text(std::string_view message) = 0;  // without the "4"; valid during the call
    virtual void on_binary(std::string_view bytes) = 0;
    virtual void on_upgrade() {}                    // the session is on a websocket now
    virtual void on_writable() {}                   // once for each tell_when_writable()
    virtual void on_close(CloseReason reason) = 0;  // once, last
};

// One client, whichever transport carries it. Lives on the shard that created it; every call on it is made
// there. Ends once: the first reason wins.
class Session {
public:
    virtual ~Session() = default;
    virtual const std::string& sid() const = 0;  // 20 characters; a secret: it authorises requests
    virtual net::Shard& home() = 0;
    virtual const Handshake& handshake() const = 0;
    virtual TransportKind transport() const = 0;

    // Queues a message; it leaves with what else waits, once per turn of the loop. A client that lets more
    // than max_buffered_bytes or max_buffered_packets wait is closed with too_slow.
    virtual void send(FramePtr frame) = 0;
    // True if a message would leave at once: a poll is pending, or nothing waits on the websocket.
    virtual bool writable() const = 0;
    virtual std::size_t buffered_bytes() const = 0;
    virtual std::size_t buffered_packets() const = 0;
    // Calls the listener's on_writable() when a message would leave at once: from the loop, never inside this
    // call or send(). What is sent from there leaves with what waits for the same poll.
    virtual void tell_when_writable() = 0;
    // Sends what is queued, then closes. Later calls do nothing.
    // on_close() follows from the loop, never inside this call or any other on the session.
    virtual void close(CloseReason reason = CloseReason::forced_close) = 0;
    // Closes at once and drops what is queued.
    virtual void discard(CloseReason reason) = 0;
};

struct Stats {  // since the start, over all shards; any thread may read
    std::atomic<std::uint64_t> opened{0};
    std::atomic<std::uint64_t> open{0};
    std::atomic<std::uint64_t> open_websocket{0};
    std::atomic<std::uint64_t> upgrades{0};
    std::atomic<std::uint64_t> messages_in{0};
    std::atomic<std::uint64_t> bytes_in{0};  // of these messages
    std::atomic<std::uint64_t> messages_out{0};
    std::atomic<std::uint64_t> bytes_out{0};
    std::atomic<std::uint64_t> writes{0};       // system calls that carried them
    std::atomic<std::uint64_t> deflated{0};     // messages compressed, each once for all its recipients
    std::atomic<std::uint64_t> closed[7] = {};  // by CloseReason
    std::atomic<std::uint64_t> refused_over_limit{0};  // by max_sessions and max_sessions_per_address
    std::atomic<std::uint64_t> refused[6] = {};        // by error code of the protocol
};

// What waits for clients that do not read as fast as they are sent to.
struct Queues {
    std::size_t sessions = 0;  // with something that waits
    std::size_t packets = 0;   // for all of them
    std::size_t bytes = 0;
    std::size_t most_packets = 0;  // for one of them
    std::size_t most_bytes = 0;
};

class Server {
public:
    // Makes the listener of a new session, on its shard, after the open packet was queued.
    using OnSession = std::function<std::unique_ptr<SessionListener>(Session&)>;

    Server(net::ShardPool& shards, Options options, OnSession on_session);
    ~Server();  // after close_all() or after the shards have stopped

    bool owns(std::string_view path) const;  // whether a request of this path is ours to answer
    void handle(net::Request request, net::Responder responder);  // any shard
    void upgrade(net::Request request, net::Upgrade upgrade);     // any shard
    // The head of a request whose body is on its way (net::HttpHandler::on_upload), any shard: a session
    // reads one body at a time, and one that never comes whole ends it.
    std::shared_ptr<net::Upload> upload(const net::Request& head);
    // The answer to a request that the HTTP server refused (net::HttpHandler::on_bad_request): for 413 the
    // session it names is closed.
    net::Response bad_request(unsigned status, const net::Request& so_far);

    // New sessions are refused from now on (503); any thread.
    void stop_accepting();
    // Stops accepting and discards every session, `per_slice` at a time per shard with `pause` between, so
    // that clients come back spread out. Calls `done` (on some shard) when the last is gone, its connection
    // included. Any thread.
    void close_all(CloseReason reason, std::size_t per_slice, Duration pause, std::function<void()> done);
    // The same, spread evenly over `duration`.
    void drain(CloseReason reason, Duration duration, std::function<void()> done);

    const Options& options() const;
    const Stats& stats() const;
    // What was still waiting when each shard last looked, once a second; any thread. What leaves in the turn
    // of the loop in which it was sent never counts.
    Queues queues() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // shared with requests on their way between shards
};

}  // namespace pulse::engineio
