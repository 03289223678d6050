#include "http/rate_limit.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pulse::http {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{1h};

TEST(TokenBucket, gives_a_burst_and_then_one_per_interval) {
    TokenBucket bucket;
    const TokenBucket::Rate rate{100ms, 3};
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(bucket.take(start, rate)) << i;
    EXPECT_EQ(bucket.take(start, rate), 100ms);
    EXPECT_EQ(bucket.take(start + 40ms, rate), 60ms);
    EXPECT_FALSE(bucket.take(start + 100ms, rate));
    EXPECT_EQ(bucket.take(start + 100ms, rate), 100ms);
}

TEST(TokenBucket, is_full_again_after_a_pause_but_never_fuller) {
    TokenBucket bucket;
    const TokenBucket::Rate rate{100ms, 3};
    EXPECT_FALSE(bucket.take(start, rate));
    EXPECT_FALSE(bucket.full(start));
    EXPECT_TRUE(bucket.full(start + 100ms));
    int taken = 0;
    while (!bucket.take(start + 1h, rate)) ++taken;
    EXPECT_EQ(taken, 3);
}

RC_GTEST_PROP(TokenBucket, never_gives_more_than_burst_plus_rate, ()) {
    const auto burst = *rc::gen::inRange<std::int64_t>(1, 20);
    const auto waits = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30));
    TokenBucket bucket;
    auto now = start;
    std::int64_t taken = 0;
    for (const int wait : waits) {
        now += std::chrono::milliseconds(wait);
        if (!bucket.take(now, {10ms, burst})) ++taken;
        RC_ASSERT(taken <= burst + (now - start) / 10ms);
    }
}

int burst_of(RateLimiter& limiter, UserId user, TimePoint now) {
    int taken = 0;
    while (!limiter.take(user, now)) ++taken;
    return taken;
}

TEST(RateLimiter, a_user_has_twice_the_rate_at_once_and_an_address_a_quarter_of_that) {
    RateLimiter limiter(200);
    const auto user = UserId::random();
    EXPECT_EQ(burst_of(limiter, user, start), 400);
    EXPECT_EQ(burst_of(limiter, user, start + 1s), 200);
    EXPECT_EQ(burst_of(limiter, UserId::random(), start), 400);
    int taken = 0;
    while (!limiter.take_address("192.0.2.1", start)) ++taken;
    EXPECT_EQ(taken, 100);
    EXPECT_FALSE(limiter.take_address("192.0.2.2", start));
}

TEST(RateLimiter, even_the_least_rate_lets_an_address_in) {
    RateLimiter limiter(1);
    EXPECT_FALSE(limiter.take_address("192.0.2.1", start));
    EXPECT_EQ(limiter.take_address("192.0.2.1", start), 4s);
}

TEST(RateLimiter, a_subscriber_with_many_ipv6_addresses_is_one) {
    RateLimiter limiter(4);  // one a second, two at once
    EXPECT_FALSE(limiter.take_address("2001:db8:1:2::1", start));
    EXPECT_FALSE(limiter.take_address("2001:db8:1:2:3:4:5:6", start));
    EXPECT_TRUE(limiter.take_address("2001:db8:1:2::7", start));
    EXPECT_FALSE(limiter.take_address("2001:db8:1:3::1", start));
    EXPECT_FALSE(limiter.take_address("192.0.2.1", start));
    EXPECT_FALSE(limiter.take_address("::ffff:192.0.2.1", start));
    EXPECT_TRUE(limiter.take_address("192.0.2.1", start));
}

TEST(RateLimiter, zero_is_no_limit) {
    RateLimiter limiter(0);
    for (int i = 0; i < 10'000; ++i) {
        ASSERT_FALSE(limiter.take(UserId{}, start));
        ASSERT_FALSE(limiter.take_address("192.0.2.1", start));
    }
    EXPECT_EQ(limiter.size(), 0u);
}

TEST(RateLimiter, the_table_is_bounded_however_many_come) {
    RateLimiter limiter(200, 160);
    for (int i = 0; i < 5'000; ++i) limiter.take(UserId::random(), start + i * 1us);
    EXPECT_LE(limiter.size(), 160u);
    EXPECT_GE(limiter.size(), 100u);
}

}  // namespace
}  // namespace pulse::http
