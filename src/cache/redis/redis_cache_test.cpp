#include "cache/redis/redis_cache.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <vector>

#include "cache/cache_suite.hpp"
#include "cache/redis/entry.hpp"
#include "redis/test_server.hpp"

namespace pulse::cache {
namespace {

using namespace std::chrono_literals;
using redis::testing::eventually;
using redis::testing::TestServer;

// One node: its cache, and the shard that the client lives on.
class Node {
public:
    explicit Node(const TestServer& server, RedisCacheOptions options = {},
                  std::chrono::milliseconds ttl = 300s, Duration deadline = 20s)
        : shards(1, system_clock()),
          client(shards[0], server.target(),
                 {.deadline = deadline, .connect_within = deadline, .longest_pause = 50ms}),
          cache(client, system_clock(), ttl, trusting(options)) {
        shards.start();
        client.start();
    }
    // Nothing happened before the test began, unless it says so.
    static RedisCacheOptions trusting(RedisCacheOptions options) {
        if (!options.hesitation) options.hesitation = 0s;
        return options;
    }
    ~Node() {
        shards.run_on_each([this](net::Shard&) { client.stop(); });
        shards.stop();
    }
    bool comes_up() {
        return eventually([this] { return client.up(); });
    }
    bool goes_down() {
        return eventually([this] { return !client.up(); });
    }
    bool confirmed() {
        return eventually([this] { return cache.unconfirmed() == 0; });
    }

    net::ShardPool shards;
    redis::Client client;
    RedisCache cache;
};

struct InRedis final : TestCache {
    InRedis() : node(server, {.patience = 10s}) {
        if (!node.comes_up()) throw std::runtime_error("Redis is not reached");
    }
    Cache& cache() override { return node.cache; }
    void expire(UserId id) override { server.say({"EXPIRE", value_key(id), "0"}); }
    TestServer server;
    Node node;
};

INSTANTIATE_TEST_SUITE_P(Redis, CacheSuite,
                         ::testing::Values(MakeCache([] { return std::make_unique<InRedis>(); })));

// Patient, so that a busy machine does not make misses.
struct TwoNodes : ::testing::Test {
    TestServer server;
    Node a{server, {.patience = 10s}};
    Node b{server, {.patience = 10s}};
    const UserId id = user(1);
    void SetUp() override { ASSERT_TRUE(a.comes_up() && b.comes_up()); }
};

using RedisCacheNodes = TwoNodes;

TEST_F(RedisCacheNodes, keep_the_contracts_key_value_and_ttl) {
    const auto json = std::make_shared<const std::string>("{\"activeBusinesses\":2}");
    finished(a.cache.put(id, 3, json));
    EXPECT_TRUE(finished(a.cache.ping()).has_value());
    EXPECT_EQ(*finished(b.cache.get(id)), *json);
    EXPECT_EQ(server.say({"GET", "dashboard:kpis:00000000-0000-0000-0000-000000000001"}), "$22");
    const auto left = std::stoll(server.say({"PTTL", value_key(id)}).substr(1));
    EXPECT_LE(left, 300'000);
    EXPECT_GT(left, 290'000);
}

TEST_F(RedisCacheNodes, one_that_has_just_begun_trusts_nothing_it_has_not_read) {
    finished(a.cache.put(id, 3, std::make_shared<const std::string>("from before")));
    // Everything may have changed while no node was there to hear of it.
    Node late{server, {.patience = 10s, .hesitation = 300s}};
    ASSERT_TRUE(late.comes_up());
    EXPECT_EQ(finished(late.cache.get(id)), nullptr);
    finished(late.cache.put(id, 4, std::make_shared<const std::string>("read by itself")));
    EXPECT_EQ(*finished(late.cache.get(id)), "read by itself");
}

TEST_F(RedisCacheNodes, what_another_program_wrote_or_deleted_is_a_miss) {
    put(a.cache, id, 3);
    server.say({"SETEX", value_key(id), "300", "{\"of\":\"node\"}"});
    EXPECT_EQ(finished(b.cache.get(id)), nullptr);
    put(b.cache, id, 3);
    EXPECT_EQ(version_in(a.cache, id), 3u);
    server.say({"DEL", value_key(id)});
    EXPECT_EQ(finished(a.cache.get(id)), nullptr);
    // With no guard, a damaged one, or one of another kind.
    server.say({"SETEX", value_key(id), "300", "3"});
    for (const auto guard : {"", "3", "x:", "-1:", "99999999999999999999:"}) {
        server.say({"SET", guard_key(id), guard});
        EXPECT_EQ(finished(a.cache.get(id)), nullptr) << guard;
    }
    server.say({"DEL", guard_key(id)});
    server.say({"LPUSH", guard_key(id), "list"});
    EXPECT_EQ(finished(a.cache.get(id)), nullptr);
}

TEST_F(RedisCacheNodes, a_late_fill_of_one_does_not_undo_the_change_of_another) {
    put(a.cache, id, 7);
    b.cache.invalidate(id, 8);
    ASSERT_TRUE(b.confirmed());
    put(a.cache, id, 7);  // read before the change
    EXPECT_EQ(finished(a.cache.get(id)), nullptr);
    EXPECT_EQ(a.cache.stats().stale_fills, 1u);
    EXPECT_EQ(server.say({"EXISTS", value_key(id)}), ":0");
}

TEST_F(RedisCacheNodes, a_redis_replaced_by_an_empty_one_serves_nobody_who_knows_better) {
    Node c(server, {.patience = 10s});
    ASSERT_TRUE(c.comes_up());
    b.cache.invalidate(id, 8);
    c.cache.invalidate(id, 8);
    ASSERT_TRUE(b.confirmed() && c.confirmed());
    server.kill();
    ASSERT_TRUE(a.goes_down() && b.goes_down() && c.goes_down());
    server.start();
    ASSERT_TRUE(a.comes_up() && b.comes_up() && c.comes_up());
    put(a.cache, id, 7);
    ASSERT_EQ(version_in(a.cache, id), 7u);  // it was not told of anything
    EXPECT_EQ(version_in(b.cache, id), std::nullopt);
    EXPECT_EQ(version_in(c.cache, id), std::nullopt);
    // And whoever knew better has told Redis again.
    EXPECT_TRUE(eventually([&] { return !version_in(a.cache, id); }));
}

TEST_F(RedisCacheNodes, what_was_invalidated_while_redis_was_away_is_gone_when_it_is_back) {
    Node c(server, {}, 300s, 200ms);
    ASSERT_TRUE(c.comes_up());
    put(b.cache, id, 7);
    ASSERT_EQ(version_in(b.cache, id), 7u);
    server.freeze();
    c.cache.invalidate(id, 8);
    EXPECT_TRUE(c.goes_down());
    EXPECT_EQ(c.cache.unconfirmed(), 1u);
    server.thaw();
    EXPECT_TRUE(c.confirmed());
    EXPECT_EQ(version_in(b.cache, id), std::nullopt);
    EXPECT_EQ(b.cache.stats().misses, 1u);  // and not because it did not ask
    EXPECT_TRUE(b.client.up());
}

TEST_F(RedisCacheNodes, a_redis_without_memory_still_drops_what_is_old) {
    put(a.cache, id, 7);
    server.say({"CONFIG", "SET", "maxmemory", "1"});
    put(a.cache, id, 8);  // refused
    b.cache.invalidate(id, 9);
    EXPECT_TRUE(b.confirmed());
    EXPECT_EQ(version_in(a.cache, id), std::nullopt);
}

TEST_F(RedisCacheNodes, never_return_what_is_older_than_they_were_told) {
    enum class Step { put, invalidate, empty, foreign };
    std::map<std::pair<bool, std::uint8_t>, Version> told;  // by node and user
    std::map<std::uint8_t, Version> newest;
    const bool held = rc::check([&] {
        const auto base = newest;
        const auto steps =
            *rc::gen::container<std::vector<std::tuple<int, bool, std::uint8_t, Version>>>(rc::gen::tuple(
                rc::gen::weightedElement<int>({{10, 0}, {10, 1}, {1, 2}, {2, 3}}), rc::gen::arbitrary<bool>(),
                rc::gen::inRange<std::uint8_t>(0, 3), rc::gen::inRange<Version>(0, 9)));
        for (const auto& [what, second, n, above] : steps) {
            auto& node = second ? b : a;
            const auto from = base.find(n);
            const Version version = (from == base.end() ? 0 : from->second) + above;
            switch (Step(what)) {
                case Step::put:
                    put(node.cache, user(n), version);
                    break;
                case Step::invalidate: {
                    node.cache.invalidate(user(n), version);
                    auto& known = told[{second, n}];
                    known = std::max(known, version);
                    break;
                }
                case Step::empty:
                    server.say({"FLUSHALL"});
                    break;
                case Step::foreign:
                    server.say({"SETEX", value_key(user(n)), "300", "0"});
                    break;
            }
            newest[n] = std::max(newest[n], version);
            for (const bool other : {false, true}) {
                const auto got = version_in((other ? b : a).cache, user(n));
                RC_ASSERT(!got || *got >= (told[{other, n}]));
            }
        }
    });
    EXPECT_TRUE(held);
}

TEST(RedisCache, is_no_hindrance_while_redis_is_away) {
    TestServer server(TestServer::Start::later);
    Node node(server);
    put(node.cache, user(1), 1);
    node.cache.invalidate(user(1), 2);
    EXPECT_EQ(version_in(node.cache, user(1)), std::nullopt);
    EXPECT_FALSE(finished(node.cache.ping()).has_value());
    server.start();
    ASSERT_TRUE(node.comes_up());
    EXPECT_TRUE(node.confirmed());
    EXPECT_TRUE(finished(node.cache.ping()).has_value());
    EXPECT_TRUE(eventually([&] {
        put(node.cache, user(1), 2);
        return version_in(node.cache, user(1)) == 2u;
    }));
}

TEST(RedisCache, waits_for_a_slow_redis_once_and_not_long) {
    TestServer server;
    Node node(server, {.patience = 50ms}, 300s, 300ms);
    ASSERT_TRUE(node.comes_up());
    put(node.cache, user(1), 1);
    ASSERT_TRUE(eventually([&] { return version_in(node.cache, user(1)) == 1u; }));
    server.freeze();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(version_in(node.cache, user(1)), std::nullopt);
    const auto waited = std::chrono::steady_clock::now() - before;
    EXPECT_GE(waited, 50ms);
    EXPECT_LT(waited, 5s);
    // From then on nobody waits until Redis has answered something.
    const auto sent = node.client.stats().commands;
    for (int i = 0; i < 100; ++i) EXPECT_EQ(version_in(node.cache, user(1)), std::nullopt);
    EXPECT_LE(node.client.stats().commands - sent, 5u);  // a sign of life, another attempt
    EXPECT_FALSE(finished(node.cache.ping()).has_value());
    server.thaw();
    EXPECT_TRUE(eventually([&] { return version_in(node.cache, user(1)) == 1u; }));
}

TEST(RedisCache, a_ttl_of_zero_keeps_nothing_and_drops_what_others_keep) {
    TestServer server;
    Node node(server, {}, 0s);
    ASSERT_TRUE(node.comes_up());
    server.say({"SETEX", value_key(user(1)), "300", "{}"});
    put(node.cache, user(1), 1);
    EXPECT_EQ(finished(node.cache.get(user(1))), nullptr);
    node.cache.invalidate(user(1), 2);
    EXPECT_TRUE(eventually([&] { return server.say({"EXISTS", value_key(user(1))}) == ":0"; }));
}

}  // namespace
}  // namespace pulse::cache
