#include "redis/client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "redis/test_server.hpp"

namespace pulse::redis {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::TestServer;

// A client with a shard of its own, and what it was told.
class Running {
public:
    explicit Running(Target target, Options options = {})
        : shards(2, system_clock()), client(shards[0], std::move(target), quick(options)) {
        client.on_commands([this](State state) { ++(state == State::up ? ups : losses); });
        client.on_subscriptions([this](State state) { ++(state == State::up ? subscribed : unsubscribed); });
        shards.start();
        client.start();
    }
    ~Running() { stop(); }

    void stop() {
        shards.run_on_each([this](net::Shard& shard) {
            if (&shard == &client.home()) client.stop();
        });
        shards.stop();
    }
    // From the other shard, and back to it.
    Result<Reply> call(Command command, Duration patience = 20s) {
        return boost::asio::co_spawn(shards[1].context(), client.call(std::move(command), patience),
                                     boost::asio::use_future)
            .get();
    }
    bool comes_up() {
        return eventually([this] { return client.up(); });
    }

    net::ShardPool shards;
    Client client;
    std::atomic<int> ups{0}, losses{0}, subscribed{0}, unsubscribed{0};

private:
    static Options quick(Options options) {
        options.longest_pause = 100ms;
        // A busy machine is not what most of the tests are about.
        if (options.deadline == Options().deadline) options.deadline = 20s;
        if (options.connect_within == Options().connect_within) options.connect_within = 20s;
        return options;
    }
};

std::string text_of(const Result<Reply>& reply) {
    if (!reply) return "error: " + reply.error().message;
    return reply->is_nil() ? "nil" : reply->is_integer() ? std::to_string(reply->integer) : reply->text;
}

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

TEST(RedisTestServer, is_where_no_connection_gets_its_port_from) {
    TestServer one(TestServer::Start::later);
    TestServer other(TestServer::Start::later);
    EXPECT_NE(one.port(), other.port());
    for (const auto* server : {&one, &other}) EXPECT_LT(server->port(), 32'768);
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
