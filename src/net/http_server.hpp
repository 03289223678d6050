#pragma once
// HTTP/1.1 over shards: a listening socket per shard (SO_REUSEPORT), keep-alive, pipelining, limits and
// deadlines. It knows no route: every request goes to one HttpHandler, on the shard it arrived at.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "net/http_message.hpp"
#include "net/shard.hpp"
#include "net/stream.hpp"

namespace pulse::net {

class HttpConnection;

// Carries an answer back to whoever asked: a connection, or the program that has read the request for us
// (hosted_http.hpp). Called from any thread.
class AnswerCarrier {
public:
    virtual ~AnswerCarrier() = default;
    // `exchange` names the request; an answer to another than the current one is dropped.
    virtual void answer(std::uint64_t exchange, Response response) = 0;
    virtual void watch_abort(std::uint64_t exchange, Shard& where, std::function<void()> aborted) = 0;
};

// Answers one request. Moved to whoever answers, on any shard or thread; one that is dropped unanswered
// answers 500. The request's connection stays open meanwhile and reads no further request.
class Responder {
public:
    Responder() = default;
    Responder(std::shared_ptr<AnswerCarrier> carrier, std::uint64_t exchange);
    Responder(Responder&&) noexcept;
    Responder& operator=(Responder&&) noexcept;
    ~Responder();

    explicit operator bool() const { return carrier_ != nullptr; }
    void send(Response response);  // once; any thread

    // Calls `aborted` on `where` if the peer goes away before the answer was given. At most once, and
    // perhaps after send() was called on another shard: the callee checks.
    void on_abort(Shard& where, std::function<void()> aborted);

private:
    std::shared_ptr<AnswerCarrier> carrier_;
    std::uint64_t exchange_ = 0;
};

struct HttpStats;

// A connection that left HTTP still counts among the open ones until this is destroyed, on any thread.
class UpgradedCount {
public:
    UpgradedCount() = default;
    explicit UpgradedCount(std::shared_ptr<HttpStats> stats);
    UpgradedCount(UpgradedCount&&) noexcept = default;
    UpgradedCount& operator=(UpgradedCount&& other) noexcept {
        std::swap(stats_, other.stats_);
        return *this;
    }
    ~UpgradedCount();

private:
    std::shared_ptr<HttpStats> stats_;
};

// A connection taken out of HTTP.
struct UpgradedSocket {
    Socket socket;
    std::string leftover{};  // received after the request's head
    UpgradedCount count{};   // to be kept as long as the socket is open
};

// A request that asked to leave HTTP ("Connection: Upgrade"). Either take() the socket or refuse().
class Upgrade {
public:
    Upgrade(Shard& at, std::shared_ptr<HttpConnection> connection);
    Upgrade(Upgrade&&) noexcept;
    ~Upgrade();  // neither taken nor refused: the connection is closed, with 500 if an exception dropped it

    Shard& at() const { return *at_; }  // where the socket lives now; call the others there
    UpgradedSocket take(Shard& home);   // moved to shard `home`
    void refuse(Response response);     // answers and closes

private:
    Shard* at_;
    std::shared_ptr<HttpConnection> connection_;
};

// What its functions throw, of whatever type, costs the request: 500, and the connection is closed.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    // The largest body it means to take: a server raises HttpLimits::body_bytes to it. Asked once.
    virtual std::size_t most_body_bytes() const { return 0; }
    virtual void on_request(Request request, Responder responder) = 0;
    virtual void on_upgrade(Request request, Upgrade upgrade) = 0;
    // The answer to what never became a request: status is 400, 408, 413, 431 or 505. The connection is
    // closed after it. The request holds what was read so far (its headers are whole for 413).
    virtual Response on_bad_request(unsigned status, std::string_view why, const Request& so_far) = 0;
    // The head of a request has arrived and its body has not. What is returned is found in the request that
    // on_request() gets later, or is destroyed when that will never be: the body took too long, was malformed
    // or too large, or the connection broke.
    virtual std::shared_ptr<Upload> on_upload(const Request& /*head*/) { return nullptr; }
};

struct HttpLimits {
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 1024 * 1024;
    Duration header_deadline = std::chrono::seconds(10);
    Duration body_deadline = std::chrono::seconds(30);
    Duration idle_deadline = std::chrono::seconds(60);
    // An answer is to be taken within body_deadline and this rate together; a peer that takes nothing is
    // closed after body_deadline already.
    std::size_t least_bytes_per_second = 4 * 1024;
    // Over all shards, upgraded ones included; beyond it new ones are closed at once.
    std::size_t connections = 60'000;
};

struct HttpStats {  // since the start; any thread may read
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> open{0};      // and speaking HTTP
    std::atomic<std::uint64_t> upgraded{0};  // and taken out of HTTP
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> refused_over_limit{0};
    std::atomic<std::uint64_t> bad_requests{0};
};

class HttpServer {
public:
    HttpServer(ShardPool& shards, HttpHandler& handler, HttpLimits limits);
    ~HttpServer();  // not on a shard; closes every connection, whether the shards run or have stopped

    // Binds and starts accepting on every shard. Port 0 picks a free one. The error's message is for the
    // operator: "cannot listen on 127.0.0.1:4000: address already in use".
    Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);
    std::uint16_t port() const;

    // Drain: accept no more, close idle connections, finish what is being answered with
    // "Connection: close". Any thread. Done when stats().open is 0.
    void drain();
    const HttpStats& stats() const;

private:
    friend class HttpConnection;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pulse::net
