#include "redis/client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <mutex>
#include <optional>

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
    Result<Reply> call(Command command, Duration patience = 5s) {
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
    EXPECT_EQ(redis.client.stats().messages, 2u);
    EXPECT_EQ(redis.client.stats().subscriptions, 1u);
}

}  // namespace
}  // namespace pulse::redis
