#pragma once
// For programs with an HTTP server of their own: the requests it has read are handed to an HttpHandler of
// ours, which is called on shards as always. Whatever server it is; socketio/beast_host.hpp speaks to
// Boost.Beast.
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/http_server.hpp"

namespace pulse::net {

// A request in our hands, shared by the host, which may lose its client meanwhile, and us, who answer it.
class HostedRequest final : public AnswerCarrier {
public:
    using OnAnswer = std::function<void(Response)>;
    // `on_answer` is called once, on any shard (on the thread that stops them, if they stop before).
    explicit HostedRequest(OnAnswer on_answer) : on_answer_(std::move(on_answer)) {}

    // The client has gone: whoever is to answer is told. True if no answer was given yet; none will be then.
    // Any thread.
    bool abandon();

    void answer(std::uint64_t exchange, Response response) override;
    void watch_abort(std::uint64_t exchange, Shard& where, std::function<void()> aborted) override;

private:
    std::mutex mutex_;
    OnAnswer on_answer_;  // empty once it was answered or abandoned
    bool abandoned_ = false;
    Shard* where_ = nullptr;
    std::function<void()> aborted_;
};

class HostedHttp {
public:
    // `limits.connections` bounds those that left HTTP, and their refusals have `limits.body_deadline`; the
    // rest is for the host to see to.
    HostedHttp(ShardPool& shards, HttpHandler& handler, HttpLimits limits = {});
    // As HttpServer's. The host hands over nothing any more by then, nor once the shards have stopped.
    ~HostedHttp();

    // A request with its whole body; any thread.
    void handle(Request request, std::shared_ptr<HostedRequest> answer_to);
    // One that asks to leave HTTP. `socket`, a TCP connection's descriptor, is ours from now on, and so is
    // what was received behind the head. Any thread.
    void upgrade(Request request, int socket, std::string received);

    const HttpStats& stats() const { return *stats_; }

private:
    Shard& next_shard();

    ShardPool& shards_;
    HttpHandler& handler_;
    const HttpLimits limits_;
    const std::shared_ptr<HttpStats> stats_ = std::make_shared<HttpStats>();
    struct PerShard;
    std::vector<std::shared_ptr<PerShard>> per_shard_;  // shared with what is posted
    std::atomic<unsigned> next_{0};
};

}  // namespace pulse::net
