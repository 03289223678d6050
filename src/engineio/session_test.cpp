#include "engineio/session_fixture.hpp"

namespace pulse::engineio {
namespace {

TEST_F(SessionTest, polling_echoes_whichever_shard_the_requests_reach) {
    start();
    for (int i = 0; i < 8; ++i) {
        const auto sid = open_polling();
        auto poll = ask_get("&sid=" + sid);
        EXPECT_EQ(post(sid,
                       "4a\x1e"
                       "4b\x1e"
                       "bAQID")
                      .body,
                  "ok");
        std::string got = poll.response().body;
        while (got.size() < 11) got += "\x1e" + get(sid).body;
        EXPECT_EQ(got,
                  "4a\x1e"
                  "4b\x1e"
                  "bAQID");
    }
}

TEST_F(SessionTest, second_poll_closes_it) {
    start();
    const auto sid = open_polling();
    auto first = ask_get("&sid=" + sid);
    auto second = ask_get("&sid=" + sid);
    const auto a = first.response();
    const auto b = second.response();
    EXPECT_EQ(a.status + b.status, 600);
    EXPECT_EQ(a.body + b.body, "1");
    EXPECT_EQ(get(sid).status, 400);
    expect_end(CloseReason::transport_error);
}

TEST_F(SessionTest, dropped_poll_closes_it) {
    start();
    const auto sid = open_polling();
    auto poll = ask_get("&sid=" + sid);
    EXPECT_TRUE(net::eventually([&] { return http->stats().requests >= 2; }));
    poll.close();
    expect_end(CloseReason::transport_error);
    EXPECT_EQ(get(sid).status, 400);
}

TEST_F(SessionTest, client_close_by_post_answers_ok) {
    start();
    const auto sid = open_polling();
    EXPECT_EQ(post(sid, "1").body, "ok");
    expect_end(CloseReason::transport_close);
}

TEST_F(SessionTest, undecodable_payload_closes_it) {
    start();
    for (const char* body : {"", "4a\x1e", "x", "4\xff"}) {
        EXPECT_EQ(post(open_polling(), body).status, 400);
    }
    EXPECT_TRUE(net::eventually([&] { return ends() == 4; }));
    EXPECT_EQ(reasons(), std::vector(4, CloseReason::parse_error));
}

TEST_F(SessionTest, farewell_brings_what_waits_and_then_the_close) {
    start();
    const auto sid = open_polling();
    EXPECT_EQ(post(sid, "4close").body, "ok");
    EXPECT_EQ(get(sid).body, "4last");
    EXPECT_EQ(get(sid).body,
              "6\x1e"
              "1");
    EXPECT_EQ(get(sid).status, 400);
    expect_end(CloseReason::forced_close);
}

TEST_F(SessionTest, oversize_post_is_413_and_closes_it) {
    start({.max_http_buffer_size = 100});
    EXPECT_EQ(post(open_polling(), "4" + std::string(100, 'a')).status, 413);
    EXPECT_EQ(post(open_polling(), "4" + std::string(2'000'000, 'a')).status, 413);
    EXPECT_TRUE(net::eventually([&] { return ends() == 2; }));
    EXPECT_EQ(reasons(), std::vector(2, CloseReason::transport_error));
}

TEST_F(SessionTest, missing_pong_ends_either_transport) {
    start({.ping_interval = 30ms, .ping_timeout = 30ms});
    open_polling();
    auto socket = open_websocket();
    EXPECT_EQ(frame(socket), "2");
    EXPECT_EQ(frame(socket), "close");
    EXPECT_TRUE(net::eventually([&] { return ends() == 2; }));
    EXPECT_EQ(reasons(), std::vector(2, CloseReason::ping_timeout));
}

TEST_F(SessionTest, what_a_listener_throws_costs_that_session_only) {
    start();
    auto other = open_websocket();
    auto socket = open_websocket();
    socket.send(masked(1, "4throw"));
    EXPECT_EQ(frame(socket), "close");
    const auto sid = open_polling();
    EXPECT_EQ(post(sid, "4throw oddly").status, 200);
    EXPECT_EQ(get(sid).status, 400);
    EXPECT_EQ(ask_get("&throw=1").response().status, 400);
    other.send(masked(1, "4still here"));
    EXPECT_EQ(frame(other), "4still here");
    EXPECT_TRUE(net::eventually([&] { return ends() == 2; }));
    EXPECT_EQ(reasons(), std::vector(2, CloseReason::forced_close));
}

TEST_F(SessionTest, websocket_close_sends_what_waits_first) {
    start();
    auto socket = open_websocket();
    socket.send(masked(1, "4close"));
    EXPECT_EQ(frame(socket), "4last");
    EXPECT_EQ(frame(socket), "close");
    socket.send(masked(8, ""));
    EXPECT_TRUE(socket.at_end());
    expect_end(CloseReason::forced_close);
}

TEST_F(SessionTest, discard_within_a_callback_sends_nothing_more) {
    start();
    auto socket = open_websocket();
    socket.send(masked(1, "4discard") + masked(1, "4more") + masked(2, "more"));
    EXPECT_EQ(frame(socket), "close");
    expect_end(CloseReason::forced_close);
}

TEST_F(SessionTest, client_that_does_not_read_is_too_slow) {
    start();
    auto socket = open_websocket(4096);
    socket.send(masked(1, "4flood"));
    expect_end(CloseReason::too_slow);
}

TEST_F(SessionTest, more_packets_than_the_limit_are_too_slow_however_small) {
    start({.max_buffered_packets = 3});
    const auto sid = open_polling();
    EXPECT_EQ(post(sid,
                   "4a\x1e"
                   "4b\x1e"
                   "4c")
                  .body,
              "ok");
    EXPECT_EQ(ends(), 0u);
    post(sid, "4d");
    expect_end(CloseReason::too_slow);
}

TEST_F(SessionTest, a_listener_that_asks_is_told_once_that_a_poll_is_there) {
    start();
    const auto sid = open_polling();
    post(sid, "4ask");
    EXPECT_EQ(get(sid).body,
              "4ask\x1e"
              "4writable");
    auto poll = ask_get("&sid=" + sid);  // nobody asked: nothing is said
    post(sid, "4x");
    EXPECT_EQ(poll.response().body, "4x");
    auto waiting = ask_get("&sid=" + sid);
    post(sid, "4ask");
    // Whether the poll was there already is for the kernel to say.
    const auto first = waiting.response().body;
    if (first == "4ask")
        EXPECT_EQ(get(sid).body, "4writable");
    else
        EXPECT_EQ(first,
                  "4ask\x1e"
                  "4writable");
}

TEST_F(SessionTest, a_listener_that_asks_is_told_when_a_full_websocket_is_free_again) {
    start({.max_unsent_bytes = 16 * 1024});
    auto socket = open_websocket(4096);
    socket.send(masked(1, "4fill"));
    std::vector<std::string> got;
    for (auto next = frame(socket); !next.empty(); next = frame(socket)) {
        got.push_back(next.substr(0, 10));
        if (next == "4writable") break;
    }
    ASSERT_GT(got.size(), 2u);
    EXPECT_EQ(got[got.size() - 2], "4fill");
    socket.send(masked(1, "4ask"));
    EXPECT_EQ(frame(socket), "4ask");
    EXPECT_EQ(frame(socket), "4writable");
}

TEST_F(SessionTest, who_asked_on_polling_is_told_on_the_websocket) {
    start();
    const auto sid = open_polling();
    post(sid, "4ask");
    auto socket = ask_websocket("&sid=" + sid);
    EXPECT_EQ(socket.response(net::TestClient::Body::none).status, 101);
    socket.send(masked(1, "2probe"));
    EXPECT_EQ(frame(socket), "3probe");
    socket.send(masked(1, "5"));
    EXPECT_EQ(frame(socket), "4ask");
    EXPECT_EQ(frame(socket), "4writable");
}

TEST_F(SessionTest, pings_of_a_client_that_does_not_read_do_not_pile_up) {
    start();
    auto socket = open_websocket(4096);
    std::string many;
    for (int i = 0; i < 1000; ++i) many += masked(9, std::string(100, 'p'));
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(socket.send(many));
    socket.send(masked(1, "4done"));
    // Every ping in a row was answered, or the latest of those that met a full connection.
    std::size_t pongs = 0;
    for (auto got = frame(socket); got != "4done" && !got.empty(); got = frame(socket)) ++pongs;
    EXPECT_GT(pongs, 0u);
    EXPECT_LT(pongs, 200'000u);
}

TEST_F(SessionTest, stopped_server_refuses_new_sessions_and_closes_the_old) {
    start();
    const auto sid = open_polling();
    auto socket = open_websocket();
    std::atomic<bool> done = false;
    engine->close_all(CloseReason::server_shutting_down, 1, 1ms, [&] { done = true; });
    EXPECT_EQ(ask_get("").response().status, 503);
    EXPECT_EQ(ask_websocket("").response().status, 503);
    EXPECT_EQ(frame(socket), "close");
    socket.close();
    EXPECT_TRUE(net::eventually([&] { return done.load(); }));
    EXPECT_EQ(get(sid).status, 400);
    EXPECT_EQ(reasons(), std::vector(2, CloseReason::server_shutting_down));
}

TEST_F(SessionTest, what_allow_request_throws_costs_that_request_only) {
    start({.allow_request = [](const net::Request& request) -> std::optional<std::string> {
        if (request.target.find("throw") != std::string::npos) throw std::runtime_error("a mistake");
        if (request.target.find("odd") != std::string::npos) throw 1;
        return std::nullopt;
    }});
    for (const char* query : {"&throw", "&odd"}) {
        auto polling = ask_get(query);
        auto answer = polling.response();
        EXPECT_EQ(answer.status, 500);
        EXPECT_EQ(answer.headers["Connection"], "close");
        EXPECT_TRUE(polling.at_end());
        auto socket = ask_websocket(query);
        EXPECT_EQ(socket.response().status, 500);
        EXPECT_TRUE(socket.at_end());
    }
    EXPECT_EQ(ask_get("").response().status, 200);
}

TEST_F(SessionTest, an_address_has_its_share_of_sessions_and_gets_it_back) {
    Options options;
    options.max_sessions_per_address = 2;
    options.address_of = [](const net::Request& request) {
        return std::string(request.target.find("other") == std::string::npos ? "one" : "other");
    };
    start(std::move(options));
    const auto sid = open_polling();
    auto socket = open_websocket();
    EXPECT_EQ(ask_get("").response().status, 503);
    EXPECT_EQ(ask_websocket("").response().status, 503);
    EXPECT_EQ(ask_get("&other=1").response().status, 200);
    EXPECT_EQ(engine->stats().refused_over_limit, 2u);
    socket.close();
    EXPECT_TRUE(net::eventually([&] { return ends() == 1; }));
    EXPECT_TRUE(net::eventually([&] { return ask_get("").response().status == 200; }));
}

TEST_F(SessionTest, handshakes_set_the_cookie_and_nothing_else_does) {
    Options options;
    options.cookie = Cookie{};
    options.cookie->max_age = 3600s;
    options.cookie->same_site = Cookie::SameSite::none;
    options.cookie->secure = true;
    start(std::move(options));
    auto polling = ask_get("").response();
    const auto sid = sid_of(polling.body);
    const std::string attributes = "; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=None";
    EXPECT_EQ(polling.headers["Set-Cookie"], "io=" + sid + attributes);
    EXPECT_EQ(post(sid, "4hello").headers.count("Set-Cookie"), 0u);
    EXPECT_EQ(get(sid).headers.count("Set-Cookie"), 0u);
    auto client = ask_websocket("");
    auto answer = client.response(net::TestClient::Body::none);
    EXPECT_EQ(answer.status, 101);
    EXPECT_EQ(answer.headers["Set-Cookie"], "io=" + sid_of(frame(client)) + attributes);
}

TEST_F(SessionTest, over_the_limit_handshakes_are_refused) {
    start({.max_sessions = 2});
    const auto sid = open_polling();
    auto socket = open_websocket();
    EXPECT_EQ(http->stats().upgraded, 1u);
    EXPECT_EQ(ask_get("").response().status, 503);
    EXPECT_EQ(ask_websocket("").response().status, 503);
    EXPECT_EQ(engine->stats().refused_over_limit, 2u);
    // One that is there goes on, by an upgrade too.
    auto upgraded = ask_websocket("&sid=" + sid);
    EXPECT_EQ(upgraded.response(net::TestClient::Body::none).status, 101);
    upgraded.send(masked(1, "2probe"));
    EXPECT_EQ(frame(upgraded), "3probe");
    EXPECT_EQ(post(sid, "1").body, "ok");
    EXPECT_EQ(ask_get("").response().status, 200);
    EXPECT_EQ(ask_get("").response().status, 503);
    socket.close();
    EXPECT_TRUE(net::eventually([&] { return ask_get("").response().status == 200; }));
    upgraded.close();
    EXPECT_TRUE(net::eventually([&] { return http->stats().upgraded == 0; }));
}

TEST_F(SessionTest, a_client_that_never_came_back_is_not_waited_for_long) {
    start({.max_sessions = 1});
    EXPECT_EQ(ask_get("&leave").response().status, 200);
    EXPECT_EQ(ask_get("").response().status, 503);
    EXPECT_TRUE(net::eventually([&] { return ask_get("").response().status == 200; }));
}

TEST_F(SessionTest, a_post_of_max_http_buffer_size_is_taken_whatever_it_is) {
    start({.max_http_buffer_size = 2'000'000});
    const auto sid = open_polling();
    EXPECT_EQ(post(sid, "4" + std::string(1'999'999, 'a')).body, "ok");
    EXPECT_EQ(get(sid).body.size(), 2'000'000u);
    EXPECT_EQ(post(sid, "4" + std::string(2'000'000, 'a')).status, 413);
}

// It ended the process.
TEST_F(SessionTest, what_follows_the_end_of_all_sessions_may_throw_anything) {
    start();
    const auto sid = open_polling();
    std::atomic<bool> done = false;
    engine->close_all(CloseReason::server_shutting_down, 1, 1ms, [&] {
        done = true;
        throw 1;
    });
    EXPECT_TRUE(net::eventually([&] { return done.load(); }));
    EXPECT_EQ(get(sid).status, 400);  // the loop goes on
}

}  // namespace
// A lower bound of real time only: a slow machine makes it later, never sooner.
TEST_F(SessionTest, draining_is_spread_over_its_time) {
    start();
    for (int i = 0; i < 12; ++i) open_polling();
    std::atomic<bool> done = false;
    const auto begin = system_clock().now();
    engine->drain(CloseReason::server_shutting_down, 600ms, [&] { done = true; });
    EXPECT_EQ(ask_get("").response().status, 503);
    EXPECT_TRUE(net::eventually([&] { return ends() > 0; }));
    EXPECT_TRUE(net::eventually([&] { return done.load(); }));
    EXPECT_GE(system_clock().now() - begin, 300ms);
    EXPECT_EQ(ends(), 12u);
}

}  // namespace pulse::engineio
