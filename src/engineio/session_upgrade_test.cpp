#include "engineio/session_fixture.hpp"

namespace pulse::engineio {
namespace {

constexpr auto no_body = net::TestClient::Body::none;

TEST_F(SessionTest, upgrade_keeps_every_message_in_order) {
    start();
    for (int round = 0; round < 6; ++round) {
        const auto sid = open_polling();
        auto socket = ask_websocket("&sid=" + sid);
        EXPECT_EQ(socket.response(no_body).status, 101);
        socket.send(masked(1, "2probe"));
        EXPECT_EQ(frame(socket), "3probe");
        for (int i = 0; i < 20; ++i) EXPECT_EQ(post(sid, "4" + std::to_string(i)).body, "ok");
        std::string burst = masked(1, "5");
        for (int i = 20; i < 60; ++i) burst += masked(1, "4" + std::to_string(i));
        socket.send(burst);
        for (int i = 0; i < 60; ++i) EXPECT_EQ(frame(socket), "4" + std::to_string(i));
        EXPECT_EQ(get(sid).status, 400);
    }
    EXPECT_EQ(engine->stats().upgrades, 6u);
    EXPECT_EQ(upgrades_told, 6);
}

TEST_F(SessionTest, probe_returns_the_pending_poll) {
    start();
    const auto sid = open_polling();
    auto poll = ask_get("&sid=" + sid);
    auto socket = ask_websocket("&sid=" + sid);
    EXPECT_EQ(socket.response(no_body).status, 101);
    socket.send(masked(1, "2probe"));
    EXPECT_EQ(poll.response().body, "6");
    EXPECT_EQ(get(sid).body, "6");
}

TEST_F(SessionTest, probe_that_goes_wrong_or_stalls_leaves_the_session_polling) {
    start({.upgrade_timeout = 50ms});
    const auto sid = open_polling();
    for (const char* said : {"", "2probe", "4no"}) {
        auto socket = ask_websocket("&sid=" + sid);
        EXPECT_EQ(socket.response(no_body).status, 101);
        if (*said) socket.send(masked(1, said));
        auto got = frame(socket);
        if (got == "3probe") got = frame(socket);
        EXPECT_EQ(got, "close");
    }
    post(sid, "4x");
    EXPECT_EQ(get(sid).body, "4x");
    EXPECT_EQ(ends(), 0u);
}

TEST_F(SessionTest, a_probe_is_answered_once) {
    start();
    const auto sid = open_polling();
    auto socket = ask_websocket("&sid=" + sid);
    EXPECT_EQ(socket.response(no_body).status, 101);
    for (int i = 0; i < 3; ++i) socket.send(masked(1, "2probe"));
    EXPECT_EQ(frame(socket), "3probe");
    socket.send(masked(1, "5") + masked(1, "4x"));
    EXPECT_EQ(frame(socket), "4x");
}

TEST_F(SessionTest, second_probe_is_closed_and_the_first_goes_on) {
    start();
    const auto sid = open_polling();
    auto first = ask_websocket("&sid=" + sid);
    EXPECT_EQ(first.response(no_body).status, 101);
    first.send(masked(1, "2probe"));
    EXPECT_EQ(frame(first), "3probe");
    auto second = ask_websocket("&sid=" + sid);
    EXPECT_EQ(second.response(no_body).status, 101);
    EXPECT_EQ(frame(second), "close");
    first.send(masked(1, "5") + masked(1, "4x"));
    EXPECT_EQ(frame(first), "4x");
}

}  // namespace
}  // namespace pulse::engineio
