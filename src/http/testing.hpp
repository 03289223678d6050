#pragma once
// For tests of what answers requests: a clock that stands still, requests and tokens made in a line, and
// the router called directly, without a socket.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "auth/token.hpp"
#include "http/api.hpp"

namespace pulse::http::testing {

class FakeClock final : public Clock {
public:
    TimePoint now() const override { return now_; }
    WallTime wall_now() const override { return wall_; }
    void advance(Duration by) {
        now_ += by;
        wall_ += std::chrono::duration_cast<std::chrono::milliseconds>(by);
    }

private:
    TimePoint now_{std::chrono::hours(1)};
    WallTime wall_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 15) + std::chrono::hours(12)};
};

inline constexpr std::string_view secret = "a secret of at least thirty-two bytes";

inline auth::TokenVerifier make_verifier() {
    auto made = auth::TokenVerifier::make(std::string(secret), "");
    return std::move(made.value());
}

inline std::string token_for(const Clock& clock, UserId user, std::string_view role) {
    using namespace std::chrono_literals;
    return auth::sign_token(secret, user, "someone@example.com", role, clock.wall_now(), 15min);
}

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

inline net::Request request(std::string method, std::string target, Fields fields = {},
                            std::string body = {}) {
    net::Request made;
    made.method = std::move(method);
    made.target = std::move(target);
    made.body = std::move(body);
    made.peer = "203.0.113.9";
    for (const auto& [name, value] : fields) made.headers.add(name, value);
    return made;
}

inline net::Request signed_request(std::string method, std::string target, const std::string& token,
                                   std::string body = {}) {
    auto made = request(std::move(method), std::move(target), {}, std::move(body));
    made.headers.add("authorization", "Bearer " + token);
    if (!made.body.empty()) made.headers.add("content-type", "application/json");
    return made;
}

inline Task<> answer_into(Api& api, Exchange& exchange, std::optional<net::Response>& answer) {
    auto made = co_await api.answer_later(exchange);
    answer = std::move(made);
}

inline net::Response ask(Api& api, net::Request request) {
    Exchange exchange(std::move(request), TimePoint{});
    auto answer = api.answer_now(exchange);
    if (answer) return std::move(*answer);
    boost::asio::io_context loop;
    boost::asio::co_spawn(loop.get_executor(), answer_into(api, exchange, answer),
                          [](std::exception_ptr error) {
                              if (error) std::rethrow_exception(error);
                          });
    loop.run();
    return std::move(answer.value());
}

inline std::optional<std::string> field(const net::Response& response, std::string_view name) {
    for (const auto& [known, value] : response.headers)
        if (known == name) return value;
    return std::nullopt;
}

inline boost::json::object json_of(const net::Response& response) {
    return boost::json::parse(response.body).as_object();
}
inline std::string error_code(const net::Response& response) {
    return std::string(json_of(response).at("error").at("code").as_string());
}
inline std::string error_message(const net::Response& response) {
    return std::string(json_of(response).at("error").at("message").as_string());
}

}  // namespace pulse::http::testing
