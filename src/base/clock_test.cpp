#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace pulse {
namespace {

TEST(Clock, writes_iso_8601_in_utc_with_milliseconds) {
    EXPECT_EQ(to_iso8601(WallTime{}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_iso8601(WallTime{std::chrono::milliseconds{1'769'851'805'042}}), "2026-01-31T09:30:05.042Z");
}

}  // namespace
}  // namespace pulse
