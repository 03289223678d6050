#include "socketio/cluster/redis_bus.hpp"

#include <gtest/gtest.h>

#include <string>

#include "redis/test_server.hpp"

namespace pulse::socketio::cluster {
namespace {

using namespace std::chrono_literals;
using redis::testing::eventually;
using redis::testing::TestServer;

struct RunningBus {
    RunningBus(const TestServer& server, redis::Options options)
        : client(shards[0], server.target(), with_time(options)) {
        shards.start();
        client.start();
        EXPECT_TRUE(eventually([&] { return client.up(); }));
    }
    ~RunningBus() {
        shards.run_on_each([this](net::Shard&) { client.stop(); });
        shards.stop();
    }
    static redis::Options with_time(redis::Options options) {
        options.deadline = options.connect_within = 20s;
        return options;
    }
    void publish(std::size_t messages, std::size_t bytes) {
        const std::string body(bytes, 'x');
        for (std::size_t i = 0; i < messages; ++i) bus.publish("room", body);
    }
    bool all_counted(std::size_t messages) {
        return eventually([&] { return stats->published + stats->unpublished == messages; });
    }

    net::ShardPool shards{1, system_clock()};
    redis::Client client;
    std::shared_ptr<Stats> stats = std::make_shared<Stats>();
    RedisBus bus{client, stats};
};

TEST(RedisBus, publishes_as_many_as_there_are_while_others_wait_for_redis) {
    TestServer server;
    RunningBus running(server, {.max_commands = 100});
    server.freeze();
    running.publish(1'000, 10);
    std::atomic<int> answered{0};
    running.client.send({"PING"}, 20s,
                        [&](const Result<redis::Reply>& reply) { answered += reply ? 1 : 100; });
    server.thaw();
    EXPECT_TRUE(running.all_counted(1'000));
    EXPECT_EQ(running.stats->published, 1'000u);
    EXPECT_TRUE(eventually([&] { return answered == 1; }));
}

TEST(RedisBus, counts_what_there_was_no_room_for) {
    TestServer server;
    RunningBus running(server, {.max_waiting_bytes = 100'000});
    server.freeze();
    running.publish(1'000, 1'000);
    EXPECT_GE(running.stats->unpublished, 900u);
    EXPECT_EQ(running.stats->published, 0u);
    server.thaw();
    EXPECT_TRUE(running.all_counted(1'000));
    EXPECT_GE(running.stats->published, 90u);
    // And there is room again.
    running.publish(90, 1'000);
    EXPECT_TRUE(running.all_counted(1'090));
    EXPECT_GE(running.stats->published, 180u);
}

TEST(RedisBus, counts_what_was_on_its_way_when_the_connection_broke) {
    TestServer server;
    RunningBus running(server, {});
    server.freeze();
    running.publish(10, 1'000);
    server.kill();
    EXPECT_TRUE(running.all_counted(10));
    EXPECT_EQ(running.stats->unpublished, 10u);
}

TEST(RedisBus, counts_what_redis_refuses) {
    TestServer server;
    server.say({"ACL", "SETUSER", "default", "resetchannels", "&other"});
    RunningBus running(server, {});
    running.publish(3, 10);
    EXPECT_TRUE(running.all_counted(3));
    EXPECT_EQ(running.stats->unpublished, 3u);
}

}  // namespace
}  // namespace pulse::socketio::cluster
