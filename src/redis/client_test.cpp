#include "redis/client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
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

TEST(RedisClient, says_commands_and_returns_what_redis_answers) {
    TestServer server;
    Running redis(server.target());
    // At the start, before the connection is there, as well.
    EXPECT_EQ(text_of(redis.call({"SET", "key", std::string_view("a\0\r\nb", 5)})), "OK");
    EXPECT_EQ(text_of(redis.call({"GET", "key"})), std::string("a\0\r\nb", 5));
    EXPECT_EQ(text_of(redis.call({"GET", "nothing"})), "nil");
    EXPECT_EQ(text_of(redis.call({"INCRBY", "count", "41"})), "41");
    const auto list = redis.call({"MGET", "count", "nothing"});
    ASSERT_TRUE(list && list->is_list());
    EXPECT_EQ(list->list.size(), 2u);
    EXPECT_TRUE(text_of(redis.call({"INCR", "key"})).starts_with("error: ERR value is not an integer"));
    EXPECT_EQ(redis.client.stats().failures, 1u);
    EXPECT_EQ(redis.client.stats().in_flight, 0u);
}

TEST(RedisClient, brings_messages_of_channels_and_patterns) {
    TestServer server;
    Running redis(server.target());
    std::mutex mutex;
    std::vector<std::string> heard;
    const auto hear = [&](std::string_view channel, std::string_view payload) {
        const std::lock_guard lock(mutex);
        heard.push_back(std::string(channel) + "=" + std::string(payload));
    };
    std::atomic<int> active{0};
    redis.client.subscribe("room", hear, [&] { ++active; });
    redis.client.psubscribe("room#*", hear, [&] { ++active; });
    ASSERT_TRUE(eventually([&] { return active == 2; }));
    redis.client.publish("room", "one");
    redis.client.publish("room#a", "two");
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock(mutex);
        return heard.size() == 2;
    }));
    EXPECT_EQ(heard, (std::vector<std::string>{"room=one", "room#a=two"}));
    redis.client.unsubscribe("room");
    EXPECT_TRUE(eventually([&] { return text_of(redis.call({"PUBLISH", "room", "three"})) == "0"; }));
    EXPECT_GE(redis.client.stats().messages, 2u);  // "three" may have come before it was unsubscribed
    EXPECT_EQ(redis.client.stats().subscriptions, 1u);
}

TEST(RedisClient, finds_a_redis_that_comes_later) {
    TestServer server(TestServer::Start::later);
    Running redis(server.target());
    ASSERT_TRUE(eventually([&] { return redis.losses == 1; }));
    const auto refused = redis.call({"PING"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), (Error{ErrorCode::unavailable, "Redis is out of reach: Connection refused"}));
    redis.client.publish("room", "nobody hears it");
    EXPECT_TRUE(eventually([&] { return redis.client.stats().failures == 2; }));
    server.start();
    ASSERT_TRUE(redis.comes_up());
    EXPECT_EQ(text_of(redis.call({"PING"})), "PONG");
    EXPECT_EQ(redis.ups, 1);
    EXPECT_EQ(redis.losses, 1);
    EXPECT_EQ(redis.client.stats().reconnects, 0u);
}

TEST(RedisClient, comes_back_with_its_subscriptions_after_a_crash) {
    TestServer server;
    Running redis(server.target());
    std::atomic<int> heard{0};
    std::atomic<int> active{0};
    for (int i = 0; i < 2'500; ++i) {
        redis.client.subscribe("room" + std::to_string(i), [&](auto, auto) { ++heard; }, [&] { ++active; });
    }
    ASSERT_TRUE(eventually([&] { return redis.subscribed == 1 && active == 2'500; }));
    server.kill();
    ASSERT_TRUE(eventually([&] { return redis.losses == 1 && redis.unsubscribed == 1; }));
    redis.client.unsubscribe("room0");  // meanwhile
    redis.client.subscribe("late", [&](auto, auto) { ++heard; });
    server.start();
    ASSERT_TRUE(eventually([&] { return redis.subscribed == 2 && redis.client.up(); }));
    EXPECT_EQ(active, 2'500 + 2'499);
    for (const auto channel : {"room0", "room1", "room2499", "late"}) {
        redis.client.publish(channel, "again");
    }
    EXPECT_TRUE(eventually([&] { return heard == 3; }));
    EXPECT_EQ(redis.client.stats().reconnects, 2u);
    const auto counts =
        boost::asio::co_spawn(redis.shards[1].context(), redis.client.subscribers({"room0", "late", "room7"}),
                              boost::asio::use_future)
            .get();
    ASSERT_TRUE(counts);
    EXPECT_EQ(*counts, (std::vector<std::uint64_t>{0, 1, 1}));
}

TEST(RedisClient, a_frozen_redis_costs_one_deadline_and_is_back_when_it_thaws) {
    TestServer server;
    Running redis(server.target(), {.deadline = 200ms, .connect_within = 300ms});
    ASSERT_TRUE(redis.comes_up());
    ASSERT_EQ(text_of(redis.call({"SET", "key", "1"})), "OK");
    server.freeze();
    EXPECT_EQ(text_of(redis.call({"GET", "key"}, 20ms)), "error: Redis did not answer in time");
    EXPECT_TRUE(redis.client.stalled());
    EXPECT_TRUE(eventually([&] { return redis.losses == 1; }));
    EXPECT_FALSE(redis.client.up());
    EXPECT_EQ(text_of(redis.call({"GET", "key"})), "error: Redis is out of reach: no answer in time");
    server.thaw();
    ASSERT_TRUE(redis.comes_up());
    // Answers are in step: the one that came too late went with its connection.
    EXPECT_TRUE(eventually([&] { return text_of(redis.call({"ECHO", "mine"})) == "mine"; }));
    EXPECT_EQ(redis.client.stats().timeouts, 1u);
}

TEST(RedisClient, an_answer_that_is_late_for_its_caller_does_not_go_to_the_next) {
    TestServer server;
    Running redis(server.target(), {.deadline = 20s});
    ASSERT_TRUE(redis.comes_up());
    ASSERT_EQ(text_of(redis.call({"SET", "key", "old"})), "OK");
    server.freeze();
    EXPECT_EQ(text_of(redis.call({"GET", "key"}, 20ms)), "error: Redis did not answer in time");
    server.thaw();
    EXPECT_EQ(text_of(redis.call({"ECHO", "mine"})), "mine");
    EXPECT_EQ(redis.losses, 0);
}

TEST(RedisClient, notices_that_an_idle_redis_is_gone) {
    TestServer server;
    Running redis(server.target(), {.deadline = 100ms, .connect_within = 200ms, .heartbeat = 50ms});
    redis.client.subscribe("room", [](auto, auto) {});
    ASSERT_TRUE(eventually([&] { return redis.subscribed == 1 && redis.client.up(); }));
    server.freeze();
    EXPECT_TRUE(eventually([&] { return redis.losses == 1 && redis.unsubscribed == 1; }));
    server.thaw();
    EXPECT_TRUE(eventually([&] { return redis.subscribed == 2 && redis.client.up(); }));
}

TEST(RedisClient, runs_scripts_that_redis_has_and_those_it_has_not) {
    TestServer server;
    Running redis(server.target());
    ASSERT_TRUE(redis.comes_up());
    const Script script("return {KEYS[1], ARGV[1], #ARGV}");
    EXPECT_EQ(script.sha1(), sha1_hex("return {KEYS[1], ARGV[1], #ARGV}"));
    for (int i = 0; i < 3; ++i) {
        std::promise<Result<Reply>> promise;
        redis.client.eval(script, {"key"}, {"a", "b"}, 20s,
                          [&](Result<Reply> reply) { promise.set_value(std::move(reply)); });
        const auto reply = promise.get_future().get();
        ASSERT_TRUE(reply && reply->list.size() == 3);
        EXPECT_EQ(reply->list[1].text, "a");
        if (i == 1) server.say({"SCRIPT", "FLUSH"});
    }
    EXPECT_EQ(redis.client.stats().failures, 0u);
}

TEST(RedisClient, logs_in_chooses_its_database_and_gives_its_name) {
    TestServer server(TestServer::Start::now, {"--requirepass", "p@ss wörd"});
    auto target = server.target();
    target.password = "p@ss wörd";
    target.database = 3;
    Running redis(target);
    EXPECT_EQ(text_of(redis.call({"CLIENT", "GETNAME"})), "pulseboard");
    EXPECT_EQ(text_of(redis.call({"SET", "key", "1"})), "OK");
    auto by_socket = target;
    by_socket.host.clear();
    by_socket.path = server.path();
    Running other(by_socket);
    EXPECT_EQ(text_of(other.call({"GET", "key"})), "1");
    by_socket.database = 0;
    by_socket.user = "default";
    Running elsewhere(by_socket);
    EXPECT_EQ(text_of(elsewhere.call({"GET", "key"})), "nil");
}

TEST(RedisClient, looks_names_up) {
    TestServer server;
    auto target = server.target();
    target.host = "localhost";
    Running by_system(target);
    EXPECT_EQ(text_of(by_system.call({"PING"})), "PONG");

    target.host = "redis.example";
    const auto answers = [&](const Result<std::vector<std::string>>& found) {
        Running redis(target, {.look_up = [found](const std::string& host) {
                          EXPECT_EQ(host, "redis.example");
                          return found;
                      }});
        EXPECT_TRUE(eventually([&] { return redis.client.up() || redis.losses == 1; }));
        return text_of(redis.call({"PING"}));
    };
    // The first one has no Redis.
    EXPECT_EQ(answers(std::vector<std::string>{"127.9.9.9", "127.0.0.1"}), "PONG");
    EXPECT_EQ(answers(std::vector<std::string>{}), "error: Redis is out of reach: it has no address");
    EXPECT_EQ(answers(Error{ErrorCode::unavailable, "cannot look up redis.example: it is not known"}),
              "error: Redis is out of reach: cannot look up redis.example: it is not known");
}

TEST(RedisClient, says_what_is_wrong_with_a_log_in) {
    TestServer server(TestServer::Start::now, {"--requirepass", "secret"});
    auto target = server.target();
    const auto problem = [&] {
        Running redis(target);
        EXPECT_TRUE(eventually([&] { return redis.losses == 1; }));
        const auto text = text_of(redis.call({"PING"}));
        EXPECT_EQ(text.find("guess"), std::string::npos);
        return text;
    };
    EXPECT_NE(problem().find("it wants a password: set REDIS_URL"), std::string::npos);
    target.password = "guess";
    EXPECT_NE(problem().find("it refuses user or password"), std::string::npos);
    target.password = "secret";
    target.database = 99;
    EXPECT_NE(problem().find("it refuses database 99"), std::string::npos);
}

TEST(RedisClient, leaves_a_replica_that_takes_no_writes) {
    TestServer server;
    Running redis(server.target());
    ASSERT_TRUE(redis.comes_up());
    server.say({"REPLICAOF", "127.0.0.1", "1"});
    EXPECT_TRUE(text_of(redis.call({"SET", "key", "1"})).starts_with("error: READONLY"));
    EXPECT_TRUE(eventually([&] { return redis.ups == 2; }));
    server.say({"REPLICAOF", "NO", "ONE"});
    EXPECT_EQ(text_of(redis.call({"SET", "key", "1"})), "OK");
}

TEST(RedisClient, answers_whoever_waits_when_it_is_stopped) {
    TestServer server;
    Running redis(server.target(), {.deadline = 20s});
    redis.client.subscribe("room", [](auto, auto) {});
    ASSERT_TRUE(eventually([&] { return redis.subscribed == 1 && redis.client.up(); }));
    server.freeze();
    std::atomic<int> refused{0};
    const auto count = [&](const Result<Reply>& reply) {
        refused += !reply && reply.error().message == "shutting down";
    };
    redis.client.send({"PING"}, Duration::max(), count);
    redis.stop();
    EXPECT_EQ(refused, 1);
    redis.client.send({"PING"}, Duration::max(), count);
    EXPECT_EQ(refused, 2);
    EXPECT_EQ(redis.client.stats().in_flight, 0u);
}

TEST(RedisClient, a_stop_while_it_still_looks_for_redis_ends_it) {
    for (const bool with_redis : {false, true}) {
        TestServer server(with_redis ? TestServer::Start::now : TestServer::Start::later);
        Running redis(server.target());
        redis.client.subscribe("room", [](auto, auto) {});
        redis.client.publish("room", "early");
        redis.stop();
        EXPECT_EQ(redis.client.stats().in_flight, 0u);
    }
}

}  // namespace
}  // namespace pulse::redis
