#include "cache/cache_suite.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <thread>
#include <vector>

namespace pulse::cache {

TEST_P(CacheSuite, returns_to_each_user_what_was_put) {
    EXPECT_EQ(version_in(cache_, user(1)), std::nullopt);
    finished(cache_.put(user(1), 3, std::make_shared<const std::string>("{\"landlordViews\":1}")));
    EXPECT_EQ(*finished(cache_.get(user(1))), "{\"landlordViews\":1}");
    EXPECT_EQ(version_in(cache_, user(2)), std::nullopt);
    EXPECT_EQ(cache_.stats().hits, 1u);
    EXPECT_EQ(cache_.stats().misses, 2u);
}

TEST_P(CacheSuite, an_older_state_never_replaces_a_newer_one) {
    put(cache_, user(1), 10);
    put(cache_, user(1), 9);
    EXPECT_EQ(version_in(cache_, user(1)), 10u);
    EXPECT_EQ(cache_.stats().stale_fills, 1u);
    put(cache_, user(1), 11);
    EXPECT_EQ(version_in(cache_, user(1)), 11u);
}

TEST_P(CacheSuite, versions_are_exact_up_to_the_largest) {
    constexpr Version largest = ~Version(0);
    put(cache_, user(1), largest);
    put(cache_, user(1), largest - 1);
    EXPECT_EQ(version_in(cache_, user(1)), largest);
}

TEST_P(CacheSuite, a_fill_from_before_the_invalidation_is_discarded) {
    cache_.invalidate(user(1), 7);  // while a fill from version 6 is under way
    put(cache_, user(1), 6);
    EXPECT_EQ(version_in(cache_, user(1)), std::nullopt);
    EXPECT_EQ(cache_.stats().stale_fills, 1u);
    put(cache_, user(1), 7);
    EXPECT_EQ(version_in(cache_, user(1)), 7u);
}

TEST_P(CacheSuite, a_late_invalidation_leaves_the_newer_state) {
    put(cache_, user(1), 7);
    cache_.invalidate(user(1), 7);
    cache_.invalidate(user(1), 6);
    EXPECT_EQ(version_in(cache_, user(1)), 7u);
    cache_.invalidate(user(1), 8);
    EXPECT_EQ(version_in(cache_, user(1)), std::nullopt);
}

TEST_P(CacheSuite, values_end_with_their_ttl_and_their_version_guards_on) {
    put(cache_, user(1), 5);
    made_->expire(user(1));
    EXPECT_EQ(version_in(cache_, user(1)), std::nullopt);
    put(cache_, user(1), 4);
    EXPECT_EQ(version_in(cache_, user(1)), std::nullopt);
    put(cache_, user(1), 5);  // the same state, read again
    EXPECT_EQ(version_in(cache_, user(1)), 5u);
}

TEST_P(CacheSuite, a_cache_that_works_says_so) { EXPECT_TRUE(finished(cache_.ping()).has_value()); }

TEST_P(CacheSuite, never_returns_a_state_older_than_the_newest_it_was_told_of) {
    enum class Step { put, invalidate, get, expire };
    std::map<UserId, Version> newest;  // the cache goes on from case to case; versions begin where it was
    const bool held = rc::check([&] {
        const auto steps = *rc::gen::container<std::vector<std::tuple<int, std::uint8_t, Version>>>(
            rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange<std::uint8_t>(0, 5),
                           rc::gen::inRange<Version>(0, 12)));
        auto base = newest;
        for (const auto& [what, n, above] : steps) {
            const auto id = user(n);
            const Version version = base[id] + above;
            switch (Step(what)) {
                case Step::put:
                    put(cache_, id, version);
                    newest[id] = std::max(newest[id], version);
                    // What was just put is there, unless something newer is known.
                    if (version == newest[id]) RC_ASSERT(version_in(cache_, id) == version);
                    break;
                case Step::invalidate:
                    cache_.invalidate(id, version);
                    newest[id] = std::max(newest[id], version);
                    break;
                case Step::get:
                    break;
                case Step::expire:
                    made_->expire(id);
                    break;
            }
            const auto got = version_in(cache_, id);
            RC_ASSERT(!got || *got == newest[id]);
        }
    });
    EXPECT_TRUE(held);
}

TEST_P(CacheSuite, holds_the_guard_under_threads) {
    constexpr int users = 4;
    constexpr int rounds = 500;
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
                const auto got = version_in(cache_, id);
                if (got && *got < known) ++stale;
                if (t < 2) {
                    const auto version = Version(i);
                    cache_.invalidate(id, version);
                    auto seen = newest[n].load();
                    while (seen < version && !newest[n].compare_exchange_weak(seen, version)) {
                    }
                } else {
                    put(cache_, id, known);
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(stale, 0);
    EXPECT_EQ(cache_.stats().hits + cache_.stats().misses, 4u * rounds);
}

}  // namespace pulse::cache
