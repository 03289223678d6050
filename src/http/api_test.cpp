#include "http/api.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "http/envelope.hpp"
#include "http/testing.hpp"

namespace pulse::http {
namespace {

using namespace std::chrono_literals;
using testing::ask;
using testing::error_code;
using testing::error_message;
using testing::field;
using testing::request;
using testing::signed_request;

net::Response whoami(Context& context) {
    return success({{"user", context.identity.user_id.to_string()}, {"address", context.client_address}});
}

Task<net::Response> later(Context& context) {
    if (context.request.query() == "throw") throw std::runtime_error("the database password is hunter2");
    co_return success({{"later", true}});
}

net::Response broken(Context&) { throw std::runtime_error("the database password is hunter2"); }

std::optional<net::Response> never_at_once(Context&) { return std::nullopt; }

Router make_router() {
    Router router;
    router.add("GET", "/health", Access::anyone(), Handler(whoami));
    router.add("GET", "/api/open", Access::anyone(), Handler(whoami));
    router.add("GET", "/api/mine", Access::only(store::Role::tenant), Handler(whoami));
    router.add("POST", "/api/mine", Access::only(store::Role::tenant), AsyncHandler(later));
    router.add("POST", "/api/activity", Access::only(store::Role::service), Handler(whoami));
    router.add("GET", "/api/me", Access::any_role(), Handler(whoami));
    router.add("GET", "/api/broken", Access::anyone(), Handler(broken));
    router.add("GET", "/api/later", Access::anyone(), FirstTry(never_at_once), AsyncHandler(later));
    return router;
}

class ApiTest : public ::testing::Test {
protected:
    net::Response get(std::string target, testing::Fields fields = {}) {
        return ask(api, request("GET", std::move(target), fields));
    }
    std::string token(std::string_view role) const { return testing::token_for(clock, user, role); }

    testing::FakeClock clock;
    const UserId user = UserId::random();
    const auth::TokenVerifier verifier = testing::make_verifier();
    Api api{make_router(), verifier, clock,
            ApiOptions{.allowed_origins = {"https://App.example.com/"},
                       .rate_limit = 20,
                       .trusted_proxy = [](std::string_view address) { return address == "127.0.0.1"; }}};
};

TEST_F(ApiTest, a_guarded_route_asks_for_a_token_then_a_good_one_then_the_role) {
    EXPECT_EQ(get("/api/mine").status, 401u);
    EXPECT_EQ(error_message(get("/api/mine")), "Access token is required");
    EXPECT_EQ(field(get("/api/mine"), "WWW-Authenticate"), "Bearer");

    const auto bad = ask(api, signed_request("GET", "/api/mine", "rubbish"));
    EXPECT_EQ(bad.status, 401u);
    EXPECT_EQ(error_code(bad), "UNAUTHORIZED");
    EXPECT_EQ(error_message(bad), "Invalid or expired access token");

    for (const auto* role : {"landlord", "service", "emperor"}) {
        const auto forbidden = ask(api, signed_request("GET", "/api/mine", token(role)));
        EXPECT_EQ(forbidden.status, 403u) << role;
        EXPECT_EQ(error_code(forbidden), "FORBIDDEN");
    }
    EXPECT_EQ(ask(api, signed_request("GET", "/api/mine", token("tenant"))).status, 200u);
    EXPECT_EQ(ask(api, signed_request("GET", "/api/me", token("emperor"))).status, 200u);
}

TEST_F(ApiTest, an_expired_token_is_refused) {
    const auto old = token("tenant");
    clock.advance(15min);
    EXPECT_EQ(ask(api, signed_request("GET", "/api/mine", old)).status, 401u);
}

TEST_F(ApiTest, the_cookie_wins_over_the_header) {
    const auto good = token("tenant");
    EXPECT_EQ(
        get("/api/mine", {{"cookie", "a=b; accessToken=" + good}, {"authorization", "Bearer bad"}}).status,
        200u);
    EXPECT_EQ(get("/api/mine", {{"cookie", "accessToken=bad"}, {"authorization", "Bearer " + good}}).status,
              401u);
    EXPECT_EQ(get("/api/mine", {{"authorization", "bearer   " + good}}).status, 200u);
    EXPECT_EQ(error_message(get("/api/mine", {{"authorization", "Basic abcdefgh"}})),
              "Access token is required");
    EXPECT_EQ(error_message(get("/api/mine", {{"authorization", "Bearer  "}})), "Access token is required");
}

TEST_F(ApiTest, an_unknown_path_is_404_with_or_without_token) {
    for (const auto& response :
         {get("/api/none"), ask(api, signed_request("GET", "/api/none", token("landlord"))),
          ask(api, request("OPTIONS", "/none")), get("")}) {
        EXPECT_EQ(response.status, 404u);
        EXPECT_EQ(error_code(response), "NOT_FOUND");
    }
}

TEST_F(ApiTest, an_unknown_method_is_405_and_told_which_there_are) {
    const auto response = ask(api, request("DELETE", "/api/mine"));
    EXPECT_EQ(response.status, 405u);
    EXPECT_EQ(error_code(response), "METHOD_NOT_ALLOWED");
    EXPECT_EQ(field(response, "Allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(ask(api, request("HEAD", "/api/open")).status, 200u);
    EXPECT_EQ(field(ask(api, request("OPTIONS", "/api/mine")), "Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST_F(ApiTest, a_handler_may_take_its_time) {
    EXPECT_EQ(get("/api/later").body, R"({"success":true,"data":{"later":true}})");
    EXPECT_EQ(ask(api, signed_request("POST", "/api/mine", token("tenant"))).status, 200u);
}

TEST_F(ApiTest, an_exception_is_500_and_tells_nothing) {
    for (const auto& response : {get("/api/broken"), get("/api/later?throw")}) {
        EXPECT_EQ(response.status, 500u);
        EXPECT_EQ(error_code(response), "INTERNAL_ERROR");
        EXPECT_EQ(response.body.find("hunter2"), std::string::npos);
    }
}

TEST_F(ApiTest, an_allowed_origin_may_read_every_answer_errors_included) {
    for (const auto* target : {"/api/open", "/api/mine", "/api/none", "/api/broken"}) {
        const auto response = get(target, {{"origin", "https://app.example.com"}});
        EXPECT_EQ(field(response, "Access-Control-Allow-Origin"), "https://app.example.com") << target;
        EXPECT_EQ(field(response, "Access-Control-Allow-Credentials"), "true") << target;
        EXPECT_EQ(field(response, "Vary"), "Origin") << target;
    }
    for (const auto* origin : {"https://evil.example.com", "null", "https://app.example.com.evil.com", ""}) {
        const auto response = get("/api/open", {{"origin", origin}});
        EXPECT_FALSE(field(response, "Access-Control-Allow-Origin")) << origin;
        EXPECT_EQ(field(response, "Vary"), "Origin");
    }
}

TEST_F(ApiTest, preflight_is_answered_without_a_token) {
    const auto yes =
        ask(api, request("OPTIONS", "/api/mine",
                         {{"origin", "https://app.example.com"}, {"access-control-request-method", "POST"}}));
    EXPECT_EQ(yes.status, 204u);
    EXPECT_EQ(field(yes, "Access-Control-Allow-Origin"), "https://app.example.com");
    EXPECT_EQ(field(yes, "Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(field(yes, "Access-Control-Allow-Headers"), "Authorization, Content-Type");
    EXPECT_TRUE(field(yes, "Access-Control-Max-Age"));
    const auto no = ask(
        api, request("OPTIONS", "/api/mine",
                     {{"origin", "https://evil.example.com"}, {"access-control-request-method", "POST"}}));
    EXPECT_FALSE(field(no, "Access-Control-Allow-Methods"));
    EXPECT_FALSE(field(no, "Access-Control-Allow-Origin"));
}

TEST_F(ApiTest, every_answer_is_guarded_against_sniffing_and_storing) {
    for (const auto* target : {"/health", "/api/open", "/api/none"}) {
        const auto response = get(target);
        EXPECT_EQ(field(response, "X-Content-Type-Options"), "nosniff") << target;
        EXPECT_EQ(field(response, "Cache-Control"), "no-store") << target;
    }
}

TEST_F(ApiTest, too_many_requests_of_a_user_are_429_until_the_bucket_fills) {
    const auto mine = token("tenant");
    for (int i = 0; i < 40; ++i)
        ASSERT_EQ(ask(api, signed_request("GET", "/api/mine", mine)).status, 200u) << i;
    const auto refused = ask(api, signed_request("GET", "/api/mine", mine));
    EXPECT_EQ(refused.status, 429u);
    EXPECT_EQ(error_code(refused), "RATE_LIMITED");
    EXPECT_EQ(field(refused, "Retry-After"), "1");
    EXPECT_EQ(ask(api, signed_request("GET", "/api/none", mine)).status, 429u);
    clock.advance(50ms);
    EXPECT_EQ(ask(api, signed_request("GET", "/api/mine", mine)).status, 200u);
    EXPECT_EQ(
        ask(api, signed_request("GET", "/api/mine", testing::token_for(clock, UserId::random(), "tenant")))
            .status,
        200u);
}

TEST_F(ApiTest, without_a_good_token_the_address_has_a_quarter) {
    for (int i = 0; i < 10; ++i)
        ASSERT_EQ(get("/api/open", {{"authorization", "Bearer bad-token"}}).status, 200u);
    EXPECT_EQ(get("/api/open").status, 429u);
    auto other = request("GET", "/api/open", {{"x-forwarded-for", "198.51.100.1"}});
    other.peer = "127.0.0.1";
    EXPECT_EQ(ask(api, std::move(other)).status, 200u);
    EXPECT_EQ(get("/api/open", {{"x-forwarded-for", "198.51.100.2"}}).status, 429u);
}

TEST_F(ApiTest, services_health_checks_and_preflights_are_not_limited) {
    const auto service = token("service");
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(ask(api, signed_request("POST", "/api/activity", service)).status, 200u);
        ASSERT_EQ(get("/health").status, 200u);
        ASSERT_EQ(ask(api, request("OPTIONS", "/api/mine")).status, 204u);
    }
}

TEST_F(ApiTest, a_malformed_request_is_answered_in_the_same_envelope) {
    const auto response =
        api.on_bad_request(413, "body", request("POST", "/", {{"origin", "https://app.example.com"}}));
    EXPECT_EQ(response.status, 413u);
    EXPECT_EQ(error_code(response), "PAYLOAD_TOO_LARGE");
    EXPECT_EQ(field(response, "Access-Control-Allow-Origin"), "https://app.example.com");
}

TEST_F(ApiTest, requests_are_counted_by_pattern) {
    get("/health");
    get("/api/none");
    get("/api/mine");
    for (const auto& route : api.metrics().snapshot()) {
        const auto want = route.route == "/health"                              ? 200u
                          : route.route == "unmatched"                          ? 404u
                          : route.route == "/api/mine" && route.method == "GET" ? 401u
                                                                                : 0u;
        EXPECT_EQ(route.count, want ? 1u : 0u) << route.route;
        if (want && !route.by_status.empty()) EXPECT_EQ(route.by_status[0].first, want) << route.route;
    }
}

}  // namespace
}  // namespace pulse::http
