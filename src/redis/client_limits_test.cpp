// What a client does not wait for, and what it holds no more of.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "redis/running_client.hpp"

namespace pulse::redis {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::Running;
using testing::TestServer;
using testing::text_of;

TEST(RedisTestServer, is_where_no_connection_gets_its_port_from) {
    TestServer one(TestServer::Start::later);
    TestServer other(TestServer::Start::later);
    EXPECT_NE(one.port(), other.port());
    for (const auto* server : {&one, &other}) EXPECT_LT(server->port(), 32'768);
}

TEST(RedisClient, refuses_more_than_its_bound_at_once) {
    TestServer server;
    Running redis(server.target(), {.deadline = 20s, .max_commands = 3});
    ASSERT_TRUE(redis.comes_up());
    server.freeze();
    std::atomic<int> answered{0};
    for (int i = 0; i < 3; ++i) {
        redis.client.send({"INCR", "n"}, [&](const Result<Reply>& reply) { answered += reply.has_value(); });
    }
    EXPECT_EQ(text_of(redis.call({"GET", "n"})), "error: too many commands wait for Redis already");
    server.thaw();
    EXPECT_TRUE(eventually([&] { return answered == 3; }));
    EXPECT_EQ(text_of(redis.call({"GET", "n"})), "3");
}

TEST(RedisClient, bounds_the_bytes_that_wait_for_a_first_connection_as_well) {
    TestServer server;
    net::ShardPool shards(1, system_clock());
    Client client(shards[0], server.target(), {.connect_within = 20s, .max_waiting_bytes = 10'000});
    std::atomic<int> taken{0}, refused{0};
    // Before start() nothing is written.
    for (int i = 0; i < 100; ++i) {
        client.send({"APPEND", "key", std::string(1'000, 'x')}, 20s, [&](const Result<Reply>& reply) {
            if (reply) {
                ++taken;
            } else if (reply.error().message == "too much waits for Redis already") {
                ++refused;
            }
        });
    }
    shards.start();
    EXPECT_TRUE(eventually([&] { return refused == 91; }));
    client.start();
    EXPECT_TRUE(eventually([&] { return taken == 9; }));
    shards.run_on_each([&](net::Shard&) { client.stop(); });
    shards.stop();
}

TEST(RedisClient, a_reply_beyond_its_bound_costs_the_connection_and_says_so) {
    TestServer server;
    Running redis(server.target(), {.max_reply_bytes = 100'000});
    redis.client.subscribe("room", [](auto, auto) {});
    ASSERT_TRUE(eventually([&] { return redis.subscribed == 1 && redis.client.up(); }));
    EXPECT_EQ(text_of(redis.call({"SET", "large", std::string(200'000, 'x')})), "OK");
    EXPECT_EQ(text_of(redis.call({"GET", "large"})),
              "error: the connection to Redis was lost: it sent a reply of more than 100000 bytes");
    EXPECT_EQ(redis.unsubscribed, 0);
    ASSERT_TRUE(redis.comes_up());
    EXPECT_EQ(text_of(redis.call({"PUBLISH", "room", std::string(200'000, 'x')})), "1");
    EXPECT_TRUE(eventually([&] { return redis.unsubscribed == 1 && redis.subscribed == 2; }));
}

TEST(RedisClient, a_channel_that_redis_refuses_costs_no_other_one) {
    TestServer server;
    server.say({"ACL", "SETUSER", "default", "resetchannels", "&open:*"});
    Running redis(server.target());
    std::atomic<int> active{0}, heard{0};
    const auto subscribe = [&](const std::string& channel) {
        redis.client.subscribe(channel, [&](auto, auto) { ++heard; }, [&] { ++active; });
    };
    // Many at once when it connects, and one by one.
    for (int i = 0; i < 1'500; ++i) subscribe("open:" + std::to_string(i));
    subscribe("secret:1");
    redis.client.psubscribe("secret:*", [](auto, auto) {});
    ASSERT_TRUE(eventually([&] { return redis.subscribed == 1 && redis.client.up(); }));
    ASSERT_TRUE(eventually([&] { return active == 1'500 && redis.client.stats().refused == 2; }));
    subscribe("secret:2");
    subscribe("open:late");
    ASSERT_TRUE(eventually([&] { return active == 1'501; }));
    EXPECT_EQ(redis.client.stats().refused, 3u);
    for (const auto channel : {"open:0", "open:1499", "open:late"}) redis.client.publish(channel, "x");
    EXPECT_TRUE(eventually([&] { return heard == 3; }));
    redis.client.unsubscribe("secret:2");
    EXPECT_TRUE(eventually([&] { return redis.client.stats().refused == 2; }));
    EXPECT_EQ(redis.unsubscribed, 0);
    EXPECT_EQ(redis.client.stats().reconnects, 0u);

    server.say({"ACL", "SETUSER", "default", "allchannels"});
    server.say({"CLIENT", "KILL", "TYPE", "pubsub"});
    EXPECT_TRUE(eventually([&] { return redis.subscribed == 2; }));
    EXPECT_EQ(redis.client.stats().refused, 0u);
    redis.client.publish("secret:1", "x");
    EXPECT_TRUE(eventually([&] { return heard == 4; }));
}

// A name server that is silent, until it is told to answer. The thread that asks it may outlive the test.
struct SlowNames {
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        bool answered = false;
        int at_once = 0;
        int most_at_once = 0;
        std::atomic<int> asked{0};
    };
    LookUp look_up() const {
        return [state = state](const std::string&) -> Result<std::vector<std::string>> {
            ++state->asked;
            std::unique_lock lock(state->mutex);
            state->most_at_once = std::max(state->most_at_once, ++state->at_once);
            state->changed.wait(lock, [&] { return state->answered; });
            --state->at_once;
            return std::vector<std::string>{"127.0.0.1"};
        };
    }
    void answer() const {
        const std::lock_guard lock(state->mutex);
        state->answered = true;
        state->changed.notify_all();
    }
    ~SlowNames() { answer(); }
    const std::shared_ptr<State> state = std::make_shared<State>();
};

TEST(RedisClient, does_not_wait_for_a_silent_name_server_longer_than_for_redis) {
    TestServer server;
    auto target = server.target();
    target.host = "redis.example";
    const SlowNames names;
    Running redis(target, {.connect_within = 20ms, .look_up = names.look_up()});
    ASSERT_TRUE(eventually([&] { return redis.losses == 1; }));
    EXPECT_EQ(text_of(redis.call({"PING"})),
              "error: Redis is out of reach: cannot look up redis.example in time");
    names.answer();
    EXPECT_TRUE(redis.comes_up());
    const std::lock_guard lock(names.state->mutex);
    EXPECT_EQ(names.state->most_at_once, 1);  // for all attempts together
}

TEST(RedisClient, ends_at_once_while_a_name_server_is_silent) {
    auto target = Target{.host = "redis.example"};
    const SlowNames names;
    {
        Running redis(target, {.look_up = names.look_up()});
        ASSERT_TRUE(eventually([&] { return names.state->asked == 1; }));
        const auto begin = std::chrono::steady_clock::now();
        redis.stop();
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    }
    // The thread answers to nobody.
    std::weak_ptr<SlowNames::State> held = names.state;
    names.answer();
    EXPECT_TRUE(eventually([&] { return held.use_count() == 1; }));
}

}  // namespace
}  // namespace pulse::redis
