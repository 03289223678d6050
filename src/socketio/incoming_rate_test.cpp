// How many packets a connection may send, as a client meets it.
#include <gtest/gtest.h>

#include "socketio/fake_session.hpp"

namespace pulse::socketio {
namespace {

using namespace std::chrono_literals;

Options at_most(unsigned per_second, unsigned burst) {
    Options options;
    options.max_packets_per_second = per_second;
    options.max_packet_burst = burst;
    return options;
}

}  // namespace

TEST(IncomingRate, a_connection_that_sends_too_much_is_closed_and_no_other) {
    World world(at_most(10, 20));
    auto& nsp = world.of("/");
    int heard = 0;
    nsp.on_connection([&](Socket& socket) { socket.on("e", [&](const Args&, const Ack&) { ++heard; }); });
    world.run([&] {
        auto& quiet = world.join("/");
        auto& loud = world.join("/");  // CONNECT was its first packet
        for (int i = 0; i < 19; ++i) loud.text(R"(2["e"])");
        EXPECT_TRUE(loud.open());
        EXPECT_EQ(heard, 19);
        world.pass(100ms);
        loud.text(R"(2["e"])");
        EXPECT_TRUE(loud.open());
        loud.text(R"(2["e"])");
        EXPECT_FALSE(loud.open());
        EXPECT_EQ(heard, 20);
        EXPECT_TRUE(quiet.open());
        const Stats& stats = world.shared->stats;
        EXPECT_EQ(stats.over_rate, 1u);
        EXPECT_EQ(stats.disconnects[std::size_t(DisconnectReason::forced_server_close)], 1u);
    });
}

TEST(IncomingRate, attachments_count_and_zero_is_no_limit) {
    World world(at_most(10, 5));
    world.of("/");
    World free(at_most(0, 0));
    free.of("/");
    for (World* each : {&world, &free}) {
        each->run([&] {
            auto& session = each->join("/");
            for (int i = 0; i < 5 && session.open(); ++i) {
                session.text(R"(51-["e",{"_placeholder":true,"num":0}])");
                session.binary("bytes");
            }
            EXPECT_EQ(session.open(), each == &free);
        });
    }
}

// What the stock client emitted while it was offline comes at once.
TEST(IncomingRate, by_default_ten_thousand_buffered_events_pass) {
    World world;
    world.of("/");
    world.run([&] {
        auto& session = world.join("/");
        for (int i = 0; i < 10'000; ++i) session.text(R"(2["e"])");
        EXPECT_TRUE(session.open());
    });
}

}  // namespace pulse::socketio
