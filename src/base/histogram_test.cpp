#include "base/histogram.hpp"

#include <gtest/gtest.h>

namespace pulse {

using namespace std::chrono_literals;

TEST(Histogram, counts_each_time_in_the_first_bucket_whose_bound_it_does_not_exceed) {
    Histogram times;
    for (const Duration took : std::initializer_list<Duration>{0ns, 1us, 1001ns, 1s, 5s}) times.add(took);
    const auto seen = times.snapshot();
    EXPECT_EQ(seen.count, 5u);
    EXPECT_EQ(seen.sum, 6s + 2001ns);
    EXPECT_EQ(seen.buckets[0], 2u);
    EXPECT_EQ(seen.buckets[1], 1u);
    EXPECT_EQ(seen.buckets[Histogram::bounds.size() - 1], 1u);
    EXPECT_EQ(seen.buckets[Histogram::bounds.size()], 1u);
}

}  // namespace pulse
