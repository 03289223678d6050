#include "cache/process/process_cache.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <map>
#include <string>
#include <thread>

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

UserId user(std::uint8_t n) {
    UserId id;
    id.uuid.bytes[15] = n;
    return id;
}

Json json_of(Version version) { return std::make_shared<const std::string>(std::to_string(version)); }

// The version of what the cache returns; nullopt for a miss.
std::optional<Version> version_in(ProcessCache& cache, UserId id) {
    const auto json = cache.lookup(id);
    return json ? std::optional<Version>(std::stoull(*json)) : std::nullopt;
}

struct Cached {
    FakeClock clock;
    ProcessCache cache{clock, 300s};
};

TEST(ProcessCache, returns_what_was_put_without_copying_it) {
    Cached c;
    const auto json = json_of(3);
    EXPECT_EQ(c.cache.lookup(user(1)), nullptr);
    c.cache.store(user(1), 3, json);
    EXPECT_EQ(c.cache.lookup(user(1)), json);
    EXPECT_EQ(c.cache.lookup(user(2)), nullptr);
}

TEST(ProcessCache, serves_coroutines_through_the_interface) {
    Cached c;
    Cache& cache = c.cache;
    boost::asio::io_context context;
    boost::asio::co_spawn(context, cache.put(user(1), 1, json_of(1)), boost::asio::use_future);
    context.run();
    context.restart();
    auto json = boost::asio::co_spawn(context, cache.get(user(1)), boost::asio::use_future);
    context.run();
    EXPECT_EQ(*json.get(), "1");
}

TEST(ProcessCache, an_older_state_never_replaces_a_newer_one) {
    Cached c;
    c.cache.store(user(1), 5, json_of(5));
    c.cache.store(user(1), 4, json_of(4));
    EXPECT_EQ(version_in(c.cache, user(1)), 5u);
    EXPECT_EQ(c.cache.stats().stale_fills, 1u);
    c.cache.store(user(1), 6, json_of(6));
    EXPECT_EQ(version_in(c.cache, user(1)), 6u);
}

TEST(ProcessCache, a_fill_from_before_the_invalidation_is_discarded) {
    Cached c;
    c.cache.invalidate(user(1), 7);  // while a fill from version 6 is under way
    c.cache.store(user(1), 6, json_of(6));
    EXPECT_EQ(version_in(c.cache, user(1)), std::nullopt);
    EXPECT_EQ(c.cache.stats().stale_fills, 1u);
    c.cache.store(user(1), 7, json_of(7));
    EXPECT_EQ(version_in(c.cache, user(1)), 7u);
}

TEST(ProcessCache, a_late_invalidation_leaves_the_newer_state) {
    Cached c;
    c.cache.store(user(1), 7, json_of(7));
    c.cache.invalidate(user(1), 7);
    c.cache.invalidate(user(1), 6);
    EXPECT_EQ(version_in(c.cache, user(1)), 7u);
    c.cache.invalidate(user(1), 8);
    EXPECT_EQ(version_in(c.cache, user(1)), std::nullopt);
}

TEST(ProcessCache, values_end_with_their_ttl_and_their_version_guards_on) {
    Cached c;
    c.cache.store(user(1), 5, json_of(5));
    c.clock.advance(300s - 1ms);
    EXPECT_EQ(version_in(c.cache, user(1)), 5u);
    c.clock.advance(1ms);
    EXPECT_EQ(version_in(c.cache, user(1)), std::nullopt);
    EXPECT_EQ(c.cache.stats().entries, 0u);
    c.cache.store(user(1), 4, json_of(4));
    EXPECT_EQ(version_in(c.cache, user(1)), std::nullopt);
    c.cache.store(user(1), 5, json_of(5));  // the same state, read again
    c.clock.advance(299s);
    EXPECT_EQ(version_in(c.cache, user(1)), 5u);
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
    c.cache.lookup(user(1));
    c.cache.store(user(1), 1, json_of(1));
    c.cache.lookup(user(1));
    c.cache.lookup(user(1));
    const auto stats = c.cache.stats();
    EXPECT_EQ(stats.hits, 2u);
    EXPECT_EQ(stats.misses, 1u);
    EXPECT_EQ(stats.entries, 1u);
}

TEST(ProcessCache, never_returns_a_state_older_than_the_newest_it_was_told_of) {
    enum class Step { put, invalidate, get, wait };
    const bool held = rc::check([] {
        FakeClock clock;
        ProcessCache cache(clock, 10s, {.capacity = 64, .parts = 4});
        std::map<UserId, Version> newest;
        const auto steps = *rc::gen::container<std::vector<std::tuple<int, std::uint8_t, Version>>>(
            rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange<std::uint8_t>(0, 5),
                           rc::gen::inRange<Version>(0, 12)));
        for (const auto& [what, n, version] : steps) {
            const auto id = user(n);
            switch (Step(what)) {
                case Step::put:
                    cache.store(id, version, json_of(version));
                    newest[id] = std::max(newest[id], version);
                    // What was just put is there, unless something newer is known.
                    if (version == newest[id]) RC_ASSERT(version_in(cache, id) == version);
                    break;
                case Step::invalidate:
                    cache.invalidate(id, version);
                    newest[id] = std::max(newest[id], version);
                    break;
                case Step::get:
                    break;
                case Step::wait:
                    clock.advance(std::chrono::seconds(version));
                    break;
            }
            const auto got = version_in(cache, id);
            RC_ASSERT(!got || *got == newest[id]);
        }
    });
    EXPECT_TRUE(held);
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
                const auto got = version_in(c.cache, id);
                if (got && *got < known) ++stale;
                if (t < 2) {
                    const auto version = Version(i);
                    c.cache.invalidate(id, version);
                    auto seen = newest[n].load();
                    while (seen < version && !newest[n].compare_exchange_weak(seen, version)) {
                    }
                } else {
                    c.cache.store(id, known, json_of(known));
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(stale, 0);
    EXPECT_EQ(c.cache.stats().hits + c.cache.stats().misses, 4u * rounds);
}

}  // namespace
}  // namespace pulse::cache
