#include "dashboard/kpis.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pulse::dashboard {
namespace {

std::int64_t rate(std::int64_t messages, std::int64_t invites) {
    return kpis_of({.invites = invites, .messages = messages}).response_rate_tenths;
}

TEST(Kpis, response_rate_is_rounded_half_up_to_one_decimal) {
    EXPECT_EQ(rate(1, 16), 63);  // 6.25
    EXPECT_EQ(rate(1, 3), 333);
    EXPECT_EQ(rate(2, 3), 667);
    EXPECT_EQ(rate(151, 200), 755);
    EXPECT_EQ(rate(1999, 2000), 1000);  // 99.95
    EXPECT_EQ(rate(9994, 10000), 999);
}

TEST(Kpis, response_rate_is_zero_without_invites_and_never_above_a_hundred) {
    EXPECT_EQ(rate(0, 0), 0);
    EXPECT_EQ(rate(5, 0), 0);
    EXPECT_EQ(rate(7, 5), 1000);
    EXPECT_EQ(rate(INT64_MAX - 1, INT64_MAX), 1000);
}

RC_GTEST_PROP(Kpis, response_rate_is_the_nearest_tenth, ()) {
    const auto invites = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
    const auto messages = *rc::gen::inRange<std::int64_t>(0, invites + 1);
    // tenths - 1/2 <= messages * 1000 / invites < tenths + 1/2, in integers
    const auto tenths = rate(messages, invites);
    RC_ASSERT((2 * tenths - 1) * invites <= 2000 * messages);
    RC_ASSERT(2000 * messages < (2 * tenths + 1) * invites);
}

}  // namespace
}  // namespace pulse::dashboard
