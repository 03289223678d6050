#include "http/sign_in_limits.hpp"

#include <gtest/gtest.h>

namespace pulse::http {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{1h};

// How many attempts in a row may be made.
int attempts(SignInLimits& limits, const std::string& account, const std::string& address,
             TimePoint now = start) {
    for (int i = 0; i < 100; ++i)
        if (limits.take(account, address, now)) return i;
    return 100;
}

TEST(SignInLimits, five_failures_a_minute_for_an_account_from_wherever) {
    SignInLimits limits;
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(limits.take("anna@x.org", "10.0.0." + std::to_string(i), start));
    EXPECT_EQ(limits.take("ANNA@x.org", "10.0.0.9", start), Duration(12s));
    EXPECT_EQ(limits.wait("anna@x.org", "10.0.0.9", start), Duration(12s));
    EXPECT_FALSE(limits.wait("bert@x.org", "10.0.0.9", start));
    EXPECT_FALSE(limits.take("anna@x.org", "10.0.0.9", start + 12s));
    EXPECT_TRUE(limits.take("anna@x.org", "10.0.0.9", start + 12s));
    EXPECT_EQ(attempts(limits, "anna@x.org", "10.0.0.9", start + 2min), 5);
}

TEST(SignInLimits, twenty_failures_a_minute_for_an_address_on_whatever_accounts) {
    SignInLimits limits;
    int made = 0;
    while (!limits.take("user" + std::to_string(made) + "@x.org", "10.0.0.1", start)) ++made;
    EXPECT_EQ(made, 20);
    EXPECT_EQ(limits.wait("new@x.org", "10.0.0.1", start), Duration(3s));
    EXPECT_FALSE(limits.wait("new@x.org", "10.0.0.2", start));
}

TEST(SignInLimits, of_ipv6_the_subscriber_counts) {
    SignInLimits limits;
    int made = 0;
    while (!limits.take("u" + std::to_string(made), "2001:db8::" + std::to_string(made), start)) ++made;
    EXPECT_EQ(made, 20);
    EXPECT_FALSE(limits.wait("new", "2001:db8:0:1::1", start));
}

TEST(SignInLimits, who_gets_it_right_starts_anew) {
    SignInLimits limits;
    for (int i = 0; i < 100; ++i) {
        for (int k = 0; k < 4; ++k) {
            ASSERT_FALSE(limits.take("anna", "10.1." + std::to_string(i) + ".1", start));
        }
        ASSERT_FALSE(limits.take("anna", "10.2.0.1", start));
        limits.succeeded("anna", "10.2.0.1");
    }
    EXPECT_EQ(attempts(limits, "anna", "10.2.0.1"), 5);
}

TEST(SignInLimits, an_address_at_its_limit_costs_the_account_nothing) {
    SignInLimits limits;
    for (int i = 0; i < 20; ++i) (void)limits.take("u" + std::to_string(i), "10.0.0.1", start);
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(limits.take("anna", "10.0.0.1", start));
    EXPECT_EQ(attempts(limits, "anna", "10.0.0.2"), 5);
}

TEST(SignInLimits, are_bounded) {
    SignInLimits limits(10);
    for (int i = 0; i < 1000; ++i)
        EXPECT_FALSE(limits.take("u" + std::to_string(i),
                                 "10.0." + std::to_string(i % 250) + "." + std::to_string(i / 250), start));
}

}  // namespace
}  // namespace pulse::http
