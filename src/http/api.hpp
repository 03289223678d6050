#pragma once
// Everything around a handler: who asks and from where, rate limit, access, CORS, the security headers,
// counting, and the ownership of what runs. One Api serves all shards; built before traffic.
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "auth/token.hpp"
#include "base/clock.hpp"
#include "http/client.hpp"
#include "http/cors.hpp"
#include "http/metrics.hpp"
#include "http/rate_limit.hpp"
#include "http/router.hpp"
#include "net/http_server.hpp"

namespace pulse::http {

struct ApiOptions {
    std::vector<std::string> allowed_origins;  // FRONTEND_URL
    unsigned rate_limit = 200;                 // RATE_LIMIT; 0: none. It covers /api/ only
    IsTrusted trusted_proxy;                   // TRUSTED_PROXIES; empty: nobody
};

// One request between its arrival and its answer.
struct Exchange {
    Exchange(net::Request request, TimePoint now) : context(std::move(request)), began(now) {}
    Context context;
    const Route* route = nullptr;
    TimePoint began;
};

class Api {
public:
    // Verifier and clock outlive the Api.
    Api(Router router, const auth::TokenVerifier& verifier, const Clock& clock, ApiOptions options);
    ~Api();  // after wait_until_idle(), or after the shards have stopped

    // Answers, now or later. Called on a shard.
    void on_request(net::Request request, net::Responder responder);
    // The answer to what never became a request (net::HttpHandler).
    net::Response on_bad_request(unsigned status, std::string_view why, const net::Request& so_far);

    // The two halves of on_request(). nullopt: it takes waiting, answer_later() has the answer.
    std::optional<net::Response> answer_now(Exchange& exchange);
    Task<net::Response> answer_later(Exchange& exchange);

    // Blocks until no handler runs; call while the shards run, not on one, with no requests coming any more.
    void wait_until_idle();
    const Metrics& metrics() const { return metrics_; }

private:
    enum class Token { absent, bad, good };

    Token identify(Context& context) const;
    std::optional<net::Response> first_half(Exchange& exchange);
    std::optional<net::Response> refuse_rate(const Context& context, Token token);
    std::optional<net::Response> refuse_access(const Context& context, const Access& access,
                                               Token token) const;
    net::Response failed(const Exchange& exchange, const std::exception_ptr& error) const;
    void finish(const Exchange& exchange, net::Response& response);
    Task<> run(std::shared_ptr<Exchange> exchange, net::Responder responder);
    void ended();

    const Router router_;
    const auth::TokenVerifier& verifier_;
    const Clock& clock_;
    const IsTrusted trusted_proxy_;
    const Cors cors_;
    RateLimiter limiter_;
    Metrics metrics_;

    std::mutex running_mutex_;
    std::condition_variable none_running_;
    std::size_t running_ = 0;
};

}  // namespace pulse::http
