#include "socketio/packet_rate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pulse::socketio {
using namespace std::chrono_literals;

TEST(PacketRate, a_burst_passes_and_then_the_steady_rate) {
    PacketRate rate;
    const TimePoint start{100s};
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(rate.take(start, 10, 50));
    EXPECT_FALSE(rate.take(start, 10, 50));
    EXPECT_FALSE(rate.take(start + 99ms, 10, 50));
    EXPECT_TRUE(rate.take(start + 100ms, 10, 50));
    EXPECT_FALSE(rate.take(start + 100ms, 10, 50));
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(rate.take(start + 10s, 10, 50)) << i;
    EXPECT_FALSE(rate.take(start + 10s, 10, 50));
}

TEST(PacketRate, zero_per_second_is_no_limit_and_a_burst_is_at_least_one) {
    PacketRate rate;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(rate.take(TimePoint{}, 0, 1));
    EXPECT_TRUE(rate.take(TimePoint{1s}, 1, 0));
    EXPECT_FALSE(rate.take(TimePoint{1s}, 1, 0));
}

// The same as a bucket of tokens, counted in whole gaps.
RC_GTEST_PROP(PacketRateProperty, is_a_bucket_of_tokens, ()) {
    const auto per_second = *rc::gen::inRange(1u, 1000u);
    const auto burst = *rc::gen::inRange(1u, 30u);
    const auto pauses = *rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(0u, 4u));
    const Duration gap = std::chrono::duration_cast<Duration>(1s) / per_second;
    PacketRate rate;
    TimePoint now{1000s};
    unsigned tokens = burst;
    for (const unsigned pause : pauses) {
        now += gap * pause;
        tokens = std::min(burst, tokens + pause);
        RC_ASSERT(rate.take(now, per_second, burst) == (tokens > 0));
        if (tokens > 0) --tokens;
    }
}

}  // namespace pulse::socketio
