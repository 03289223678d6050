#include "http/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pulse::http {
namespace {

using namespace std::chrono_literals;

TEST(Metrics, counts_by_route_status_and_time) {
    Metrics metrics;
    const auto first = metrics.add_route("GET", "/a/:id");
    const auto second = metrics.add_route("", "unmatched");
    metrics.count(first, 200, 50us);
    metrics.count(first, 200, 51us);
    metrics.count(first, 418, 1h);
    const auto all = metrics.snapshot();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[first].route, "/a/:id");
    EXPECT_EQ(all[first].by_status, (std::vector<std::pair<unsigned, std::uint64_t>>{{200, 2}, {0, 1}}));
    EXPECT_EQ(all[first].buckets[0], 1u);
    EXPECT_EQ(all[first].buckets[1], 1u);
    EXPECT_EQ(all[first].buckets.back(), 1u);
    EXPECT_EQ(all[first].count, 3u);
    EXPECT_NEAR(all[first].sum_seconds, 3600.000101, 1e-6);
    EXPECT_EQ(all[second].count, 0u);
}

TEST(Metrics, bounds_grow) { EXPECT_TRUE(std::is_sorted(Metrics::bounds.begin(), Metrics::bounds.end())); }

}  // namespace
}  // namespace pulse::http
