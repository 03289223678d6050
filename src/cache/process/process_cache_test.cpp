#include "cache/process/process_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <thread>

#include "cache/cache_suite.hpp"

namespace pulse::cache {
namespace {

using namespace std::chrono_literals;

class FakeClock final : public Clock {
public:
    TimePoint now() const override { return now_; }
    WallTime wall_now() const override { return {}; }
    void advance(Duration by) { now_ += by; }

private:
    TimePoint now_{1h};
};

struct Cached final : TestCache {
    Cache& cache() override { return process; }
    void expire(UserId) override { clock.advance(300s); }
    FakeClock clock;
    ProcessCache process{clock, 300s};
};

INSTANTIATE_TEST_SUITE_P(Process, CacheSuite,
                         ::testing::Values(MakeCache([] { return std::make_unique<Cached>(); })));

TEST(ProcessCache, returns_what_was_put_without_copying_it) {
    Cached c;
    const auto json = json_of(3);
    EXPECT_EQ(c.process.lookup(user(1)), nullptr);
    c.process.store(user(1), 3, json);
    EXPECT_EQ(c.process.lookup(user(1)), json);
    EXPECT_EQ(c.process.lookup(user(2)), nullptr);
}

TEST(ProcessCache, values_end_with_their_ttl_and_their_version_guards_on) {
    Cached c;
    c.process.store(user(1), 5, json_of(5));
    c.clock.advance(300s - 1ms);
    EXPECT_EQ(version_in(c.process, user(1)), 5u);
    c.clock.advance(1ms);
    EXPECT_EQ(version_in(c.process, user(1)), std::nullopt);
    EXPECT_EQ(c.process.stats().entries, 0u);
    c.process.store(user(1), 4, json_of(4));
    EXPECT_EQ(version_in(c.process, user(1)), std::nullopt);
    c.process.store(user(1), 5, json_of(5));  // the same state, read again
    c.clock.advance(299s);
    EXPECT_EQ(version_in(c.process, user(1)), 5u);
}

TEST(ProcessCache, a_ttl_of_zero_keeps_nothing) {
    FakeClock clock;
    ProcessCache cache(clock, 0s);
    cache.store(user(1), 1, json_of(1));
    EXPECT_EQ(cache.lookup(user(1)), nullptr);
}

TEST(ProcessCache, forgets_the_least_recently_used_beyond_its_capacity) {
    FakeClock clock;
    ProcessCache cache(clock, 300s, {.capacity = 3, .parts = 1});
    for (std::uint8_t n = 1; n <= 3; ++n) cache.store(user(n), 1, json_of(1));
    EXPECT_TRUE(cache.lookup(user(1)));  // used: now 2 is the oldest
    cache.store(user(4), 1, json_of(1));
    EXPECT_FALSE(cache.lookup(user(2)));
    for (const std::uint8_t n : {1, 3, 4}) EXPECT_TRUE(cache.lookup(user(n))) << int(n);
    EXPECT_EQ(cache.stats().entries, 3u);
    EXPECT_EQ(cache.stats().evictions, 1u);
}

TEST(ProcessCache, invalidations_of_strangers_are_bounded_as_well) {
    FakeClock clock;
    ProcessCache cache(clock, 300s, {.capacity = 3, .parts = 1});
    cache.store(user(1), 1, json_of(1));
    for (std::uint8_t n = 2; n <= 4; ++n) cache.invalidate(user(n), 9);
    EXPECT_FALSE(cache.lookup(user(1)));
    cache.store(user(4), 8, json_of(8));
    EXPECT_FALSE(cache.lookup(user(4)));
    EXPECT_EQ(cache.stats().entries, 0u);
    EXPECT_EQ(cache.stats().evictions, 1u);
}

TEST(ProcessCache, counts_hits_and_misses) {
    Cached c;
    c.process.lookup(user(1));
    c.process.store(user(1), 1, json_of(1));
    c.process.lookup(user(1));
    c.process.lookup(user(1));
    const auto stats = c.process.stats();
    EXPECT_EQ(stats.hits, 2u);
    EXPECT_EQ(stats.misses, 1u);
    EXPECT_EQ(stats.entries, 1u);
}

TEST(ProcessCache, holds_the_guard_under_threads) {
    Cached c;
    constexpr int users = 4;
    constexpr int rounds = 5'000;
    std::array<std::atomic<Version>, users> newest{};
    std::atomic<int> stale{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 1; i <= rounds; ++i) {
                const auto n = std::size_t(i + t) % users;
                const auto id = user(std::uint8_t(n));
                // Whoever reads a version here was told of it by a finished invalidation.
                const auto known = newest[n].load();
                const auto got = version_in(c.process, id);
                if (got && *got < known) ++stale;
                if (t < 2) {
                    const auto version = Version(i);
                    c.process.invalidate(id, version);
                    auto seen = newest[n].load();
                    while (seen < version && !newest[n].compare_exchange_weak(seen, version)) {
                    }
                } else {
                    c.process.store(id, known, json_of(known));
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(stale, 0);
    EXPECT_EQ(c.process.stats().hits + c.process.stats().misses, 4u * rounds);
}

}  // namespace
}  // namespace pulse::cache
