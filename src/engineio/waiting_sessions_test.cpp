#include "engineio/waiting_sessions.hpp"

#include "engineio/session_fixture.hpp"

namespace pulse::engineio {

TEST_F(SessionTest, queues_show_what_clients_have_not_fetched_and_nothing_once_they_have) {
    start();
    EXPECT_EQ(engine->queues().sessions, 0u);
    const auto one = open_polling();
    const auto two = open_polling();
    post(one, "4hello");
    post(two,
         "4hello\x1e"
         "4you");
    EXPECT_TRUE(net::eventually([&] { return engine->queues().sessions == 2; }));
    EXPECT_EQ(engine->queues().packets, 3u);
    EXPECT_EQ(engine->queues().most_packets, 2u);
    EXPECT_GE(engine->queues().most_bytes, 8u);
    EXPECT_GE(engine->queues().bytes, engine->queues().most_bytes + 5);
    EXPECT_EQ(get(two).body,
              "4hello\x1e"
              "4you");
    EXPECT_TRUE(net::eventually([&] { return engine->queues().sessions == 1; }));
    EXPECT_EQ(engine->queues().packets, 1u);
    // One that goes takes what waits for it along.
    post(one, "1");
    EXPECT_TRUE(net::eventually([&] { return engine->queues().sessions == 0; }));
    EXPECT_EQ(engine->queues().bytes, 0u);
    EXPECT_EQ(engine->stats().bytes_in, 5u + 5u + 3u);
}

}  // namespace pulse::engineio
