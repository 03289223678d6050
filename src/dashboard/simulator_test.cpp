#include "dashboard/simulator.hpp"

#include <gtest/gtest.h>

#include <map>

namespace pulse::dashboard {
namespace {

TEST(Simulator, without_a_business_the_first_thing_is_to_make_one) {
    std::mt19937_64 random(1);
    EXPECT_TRUE(next_action(random, 0).new_business);
}

TEST(Simulator, is_plausible_mostly_views_fewer_messages_and_now_and_then_a_business) {
    std::mt19937_64 random(1);
    std::map<store::ActivityType, int> seen;
    int made = 0;
    for (int i = 0; i < 10'000; ++i) {
        const auto action = next_action(random, 25);
        if (action.new_business) {
            ++made;
            continue;
        }
        ++seen[action.type];
        ASSERT_LT(action.business, 25u);
        ASSERT_GE(action.count, 1);
    }
    EXPECT_GT(seen[store::ActivityType::view], seen[store::ActivityType::message]);
    EXPECT_GT(seen[store::ActivityType::invite], seen[store::ActivityType::decline]);
    EXPECT_EQ(seen.size(), 6u);
    EXPECT_GT(made, 100);
    EXPECT_LT(made, 400);
}

TEST(Simulator, names_differ) {
    std::map<std::string, int> names;
    for (std::size_t n = 0; n < 200; ++n) ++names[simulated_name(n).first];
    EXPECT_EQ(names.size(), 200u);
}

}  // namespace
}  // namespace pulse::dashboard
