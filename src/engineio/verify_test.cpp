#include "engineio/verify.hpp"

#include <gtest/gtest.h>

#include "engineio/cors.hpp"

namespace pulse::engineio {
namespace {

net::Request request(std::string method, std::string target, std::string_view origin = {}) {
    net::Request made;
    made.method = std::move(method);
    made.target = std::move(target);
    made.headers.add("host", "dash.example");
    if (!origin.empty()) made.headers.add("origin", origin);
    return made;
}

TEST(Verify, refuses_a_handshake_in_the_order_of_the_reference) {
    Options options;
    options.allow_request = [](const net::Request& r) -> std::optional<std::string> {
        if (r.query().find("refuse") != std::string_view::npos) return "not you";
        return std::nullopt;
    };
    struct Case {
        std::string method, target;
        bool upgrade;
        std::string_view origin;
        std::optional<Refusal> want;
    };
    const Case cases[] = {
        {"GET", "/?EIO=4&transport=polling", false, "", std::nullopt},
        {"GET", "/?EIO=4&transport=websocket", true, "", std::nullopt},
        {"GET", "/", false, "", Refusal::unknown_transport},
        {"GET", "/?EIO=4&transport=abc", false, "\x01", Refusal::unknown_transport},
        {"POST", "/?transport=polling", false, "\x01", Refusal::bad_request},
        {"POST", "/?transport=websocket", false, "", Refusal::bad_handshake_method},
        {"GET", "/?transport=websocket&refuse", false, "", Refusal::bad_request},
        {"GET", "/?EIO=4&transport=polling", true, "", Refusal::bad_request},
        {"GET", "/?EIO=3&transport=polling&refuse", false, "", Refusal::forbidden},
        {"GET", "/?transport=polling", false, "", Refusal::unsupported_version},
        {"GET", "/?EIO=4a&transport=polling", false, "", Refusal::unsupported_version},
    };
    for (const auto& c : cases) {
        const auto r = request(c.method, c.target, c.origin);
        const auto why = verify_request(r, facts_of(r, c.upgrade, options), options);
        EXPECT_EQ(why ? std::optional(why->code) : std::nullopt, c.want) << c.method << " " << c.target;
    }
}

TEST(Verify, a_session_is_reached_only_by_its_current_transport) {
    const Options options;
    struct Case {
        std::string_view method, target;
        bool upgrade;
        std::optional<TransportKind> current;
        std::optional<Refusal> want;
    };
    const auto polling = TransportKind::polling;
    const auto websocket = TransportKind::websocket;
    const Case cases[] = {
        {"GET", "/?EIO=4&transport=polling&sid=x", false, polling, std::nullopt},
        {"POST", "/?EIO=4&transport=polling&sid=x", false, polling, std::nullopt},
        {"GET", "/?EIO=4&transport=websocket&sid=x", true, polling, std::nullopt},
        {"PUT", "/?EIO=4&transport=polling&sid=x", false, polling, Refusal::bad_request},
        {"GET", "/?EIO=4&transport=polling&sid=x", false, std::nullopt, Refusal::unknown_sid},
        {"GET", "/?EIO=4&transport=polling&sid=x", false, websocket, Refusal::bad_request},
        {"GET", "/?transport=polling&sid=x", false, polling, Refusal::unsupported_version},
    };
    for (const auto& c : cases) {
        const auto r = request(std::string(c.method), std::string(c.target));
        const auto why = verify_session(c.method, facts_of(r, c.upgrade, options), c.current);
        EXPECT_EQ(why ? std::optional(why->code) : std::nullopt, c.want) << c.method << " " << c.target;
    }
}

TEST(Verify, the_refusal_of_an_application_is_escaped_json) {
    EXPECT_EQ(refusal_response(refused(Refusal::unknown_sid)).body,
              R"({"code":1,"message":"Session ID unknown"})");
    const auto forbidden = refusal_response({Refusal::forbidden, "no \"you\"\n"});
    EXPECT_EQ(forbidden.status, 403u);
    EXPECT_EQ(forbidden.body, R"({"code":4,"message":"no \"you\"\u000a"})");
}

TEST(Origin, own_and_listed_pages_pass_and_others_are_forbidden) {
    Options options;
    options.origins = OriginPolicy::own_and_listed;
    options.cors.allowed_origins = {"https://app.example"};
    struct Case {
        std::string_view origin;
        bool want;
    };
    const Case cases[] = {{"", true},
                          {"https://app.example", true},
                          {"https://dash.example", true},
                          {"http://dash.example", true},
                          {"http://dash.example:8080", false},
                          {"https://evil.example", false},
                          {"https://dash.example.evil", false},
                          {"null", false}};
    for (const auto& c : cases) {
        for (const bool upgrade : {false, true}) {
            const auto r = request(
                "GET", upgrade ? "/?EIO=4&transport=websocket" : "/?EIO=4&transport=polling", c.origin);
            EXPECT_EQ(!verify_request(r, facts_of(r, upgrade, options), options), c.want) << c.origin;
        }
    }
    EXPECT_TRUE(is_own_origin("https://dash.example", "DASH.example:443"));
    EXPECT_TRUE(is_own_origin("http://127.0.0.1:4000", "127.0.0.1:4000"));
    EXPECT_FALSE(is_own_origin("file://dash.example", "dash.example"));
}

std::string header(const net::Response& response, std::string_view name) {
    std::string all;
    for (const auto& [n, value] : response.headers) {
        if (n == name) all += (all.empty() ? "" : "; ") + value;
    }
    return all;
}

TEST(Cors, reflects_a_listed_origin_and_says_nothing_to_others) {
    Cors cors{.allowed_origins = {"https://app.example"}, .credentials = true};
    net::Response listed;
    add_cors_headers(listed, request("GET", "/", "https://app.example"), cors);
    EXPECT_EQ(header(listed, "Access-Control-Allow-Origin"), "https://app.example");
    EXPECT_EQ(header(listed, "Access-Control-Allow-Credentials"), "true");
    EXPECT_EQ(header(listed, "Vary"), "Origin");
    net::Response other;
    add_cors_headers(other, request("GET", "/", "https://evil.example"), cors);
    EXPECT_EQ(header(other, "Access-Control-Allow-Origin"), "");
    EXPECT_EQ(header(other, "Vary"), "Origin");
    net::Response off;
    add_cors_headers(off, request("GET", "/", "https://app.example"), {});
    EXPECT_TRUE(off.headers.empty());
}

TEST(Cors, a_preflight_echoes_the_headers_it_asks_for) {
    auto asked = request("OPTIONS", "/", "https://app.example");
    asked.headers.add("access-control-request-headers", "authorization");
    const auto response = preflight_response(asked, {.any_origin = true, .allowed_origins = {}});
    EXPECT_EQ(response.status, 204u);
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(header(response, "Access-Control-Allow-Methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
    EXPECT_EQ(header(response, "Access-Control-Allow-Headers"), "authorization");
}

}  // namespace
}  // namespace pulse::engineio
