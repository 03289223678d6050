#include "http/api.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <cassert>
#include <exception>

#include "base/log.hpp"
#include "http/cross_site.hpp"
#include "http/envelope.hpp"

namespace pulse::http {
namespace {

bool is_api(std::string_view path) { return path.starts_with("/api/"); }

// Cookie first, else the header (contract section 3); the scheme's name is in any case (RFC 9110, 11.1).
std::optional<std::string_view> token_of(const net::Request& request) {
    if (const auto cookie = request.cookie("accessToken"); cookie && !cookie->empty()) return cookie;
    auto header = request.headers.find("authorization");
    if (!header || header->size() < 8) return std::nullopt;
    constexpr std::string_view scheme = "bearer ";
    for (std::size_t i = 0; i < scheme.size(); ++i) {
        const char sent = (*header)[i];
        const char lower = sent >= 'A' && sent <= 'Z' ? char(sent + 32) : sent;
        if (lower != scheme[i]) return std::nullopt;
    }
    header->remove_prefix(scheme.size());
    while (header->starts_with(' ')) header->remove_prefix(1);
    return header->empty() ? std::nullopt : header;
}

bool has_cache_rule(const net::Response& response) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [](const auto& header) { return header.first == "Cache-Control"; });
}

}  // namespace

Api::Api(Router router, const auth::TokenVerifier& verifier, const Clock& clock, ApiOptions options)
    : router_(std::move(router)),
      verifier_(verifier),
      clock_(clock),
      trusted_proxy_(std::move(options.trusted_proxy)),
      cors_(std::move(options.allowed_origins)),
      limiter_(options.rate_limit) {
    for (const auto& route : router_.routes()) metrics_.add_route(route->method, route->pattern);
    metrics_.add_route("", "unmatched");
}

Api::~Api() { assert(running_ == 0); }

void Api::on_request(net::Request request, net::Responder responder) {
    auto exchange = std::make_shared<Exchange>(std::move(request), clock_.now());
    exchange->context.shard = net::Shard::current();
    if (auto answer = answer_now(*exchange)) return responder.send(std::move(*answer));
    {
        const std::lock_guard lock(running_mutex_);
        ++running_;
    }
    auto& shard = *exchange->context.shard;
    boost::asio::co_spawn(shard.executor(), run(std::move(exchange), std::move(responder)),
                          [this](const std::exception_ptr& error) {
                              if (error) log::error("an answer could not be sent");
                              ended();
                          });
}

Task<> Api::run(std::shared_ptr<Exchange> exchange, net::Responder responder) {
    auto answer = co_await answer_later(*exchange);
    responder.send(std::move(answer));
}

void Api::ended() {
    const std::lock_guard lock(running_mutex_);
    if (--running_ == 0) none_running_.notify_all();
}

void Api::wait_until_idle() {
    std::unique_lock lock(running_mutex_);
    none_running_.wait(lock, [this] { return running_ == 0; });
}

std::optional<net::Response> Api::answer_now(Exchange& exchange) {
    std::optional<net::Response> answer;
    try {
        answer = first_half(exchange);
    } catch (...) {
        answer = failed(exchange, std::current_exception());
    }
    if (answer) finish(exchange, *answer);
    return answer;
}

Task<net::Response> Api::answer_later(Exchange& exchange) {
    net::Response answer;
    try {
        answer = co_await exchange.route->later(exchange.context);
    } catch (...) {
        answer = failed(exchange, std::current_exception());
    }
    finish(exchange, answer);
    co_return answer;
}

std::optional<net::Response> Api::first_half(Exchange& exchange) {
    auto& context = exchange.context;
    auto client = client_of(context.request, trusted_proxy_);
    context.client_address = std::move(client.address);
    context.secure = client.secure;

    const auto match = router_.find(context);
    exchange.route = match.route;
    const bool known = !match.allow.empty();
    if (known && context.request.method == "OPTIONS") return cors_.options(context.request, match.allow);

    auto token = Token::absent;
    const bool limited = is_api(context.request.path());
    if (limited || (match.route && match.route->access.signed_in)) token = identify(context);
    if (limited)
        if (auto refusal = refuse_rate(context, token)) return refusal;
    if (!known) return failure(404, "NOT_FOUND", "No such path");
    if (!match.route) {
        auto refusal = failure(405, "METHOD_NOT_ALLOWED", "This path does not know that method");
        refusal.set("Allow", std::string(match.allow));
        return refusal;
    }
    if (is_cross_site_write(context.request, cors_))
        return failure(403, "FORBIDDEN", "Requests of other sites are refused");
    if (auto refusal = refuse_access(context, match.route->access, token)) return refusal;
    return match.route->now ? match.route->now(context) : std::nullopt;
}

Api::Token Api::identify(Context& context) const {
    const auto token = token_of(context.request);
    if (!token) return Token::absent;
    auto identity = verifier_.verify(*token, clock_.wall_now());
    if (!identity) {
        log::debug("a token was refused: {}", auth::to_string(identity.error()));
        return Token::bad;
    }
    context.identity = std::move(*identity);
    return Token::good;
}

std::optional<net::Response> Api::refuse_rate(const Context& context, Token token) {
    if (token == Token::good && context.identity.role == store::Role::service) return std::nullopt;
    const auto wait = token == Token::good ? limiter_.take(context.identity.user_id, clock_.now())
                                           : limiter_.take_address(context.client_address, clock_.now());
    if (!wait) return std::nullopt;
    return too_many("Too many requests", *wait);
}

std::optional<net::Response> Api::refuse_access(const Context& context, const Access& access,
                                                Token token) const {
    if (!access.signed_in) return std::nullopt;
    if (token == Token::absent) return to_response({ErrorCode::unauthorized, "Access token is required"});
    if (token == Token::bad) return to_response({ErrorCode::unauthorized, "Invalid or expired access token"});
    if (access.role && access.role != context.identity.role) return to_response({ErrorCode::forbidden, ""});
    return std::nullopt;
}

net::Response Api::failed(const Exchange& exchange, const std::exception_ptr& error) const {
    const auto where = exchange.route ? exchange.route->method + " " + exchange.route->pattern : "a request";
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        return to_response({ErrorCode::internal, where + ": " + failure.what()});
    } catch (...) {
        return to_response({ErrorCode::internal, where + ": an exception of no known type"});
    }
}

void Api::finish(const Exchange& exchange, net::Response& response) {
    const auto& request = exchange.context.request;
    response.set("X-Content-Type-Options", "nosniff");
    if (!has_cache_rule(response)) response.set("Cache-Control", "no-store");
    cors_.mark(request, response);
    const auto index = exchange.route ? exchange.route->index : router_.routes().size();
    metrics_.count(index, response.status, clock_.now() - exchange.began);
}

net::Response Api::on_bad_request(unsigned status, std::string_view why, const net::Request& so_far) {
    auto response = bad_request(status, why);
    response.set("X-Content-Type-Options", "nosniff").set("Cache-Control", "no-store");
    cors_.mark(so_far, response);
    metrics_.count(router_.routes().size(), response.status, Duration::zero());
    return response;
}

}  // namespace pulse::http
