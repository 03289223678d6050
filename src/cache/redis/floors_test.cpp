#include "cache/redis/floors.hpp"

#include <gtest/gtest.h>

#include "cache/cache_suite.hpp"

namespace pulse::cache {
namespace {

using namespace std::chrono_literals;
constexpr TimePoint start{1h};

TEST(Floors, allow_what_is_not_older_than_what_was_told) {
    Floors floors(10, 300s, start);
    EXPECT_TRUE(floors.allows(user(1), 0, start));
    EXPECT_TRUE(floors.raise({user(1), 5}, start));
    EXPECT_FALSE(floors.raise({user(1), 5}, start));
    EXPECT_FALSE(floors.raise({user(1), 4}, start));
    EXPECT_FALSE(floors.allows(user(1), 4, start));
    EXPECT_TRUE(floors.allows(user(1), 5, start));
    EXPECT_EQ(floors.of(user(1)), 5u);
    EXPECT_EQ(floors.of(user(2)), 0u);
}

TEST(Floors, are_sent_until_they_are_confirmed) {
    Floors floors(10, 300s, start);
    floors.raise({user(1), 5}, start);
    floors.raise({user(1), 6}, start);
    const auto told = floors.next_to_send();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->version, 6u);
    EXPECT_FALSE(floors.next_to_send());
    floors.failed(*told);
    ASSERT_TRUE(floors.next_to_send());
    EXPECT_EQ(floors.unconfirmed(), 1u);
    floors.confirmed(*told);
    EXPECT_EQ(floors.unconfirmed(), 0u);
    floors.failed(*told);  // too late to matter
    EXPECT_FALSE(floors.next_to_send());
}

TEST(Floors, one_that_rises_on_its_way_is_sent_again) {
    Floors floors(10, 300s, start);
    floors.raise({user(1), 5}, start);
    const auto old = floors.next_to_send();
    floors.raise({user(1), 6}, start);
    floors.confirmed(*old);
    EXPECT_EQ(floors.unconfirmed(), 1u);
    const auto told = floors.next_to_send();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->version, 6u);
    floors.confirmed(*told);
    EXPECT_EQ(floors.unconfirmed(), 0u);
}

TEST(Floors, what_redis_lost_is_sent_again) {
    Floors floors(10, 300s, start);
    floors.raise({user(1), 5}, start);
    floors.confirmed(*floors.next_to_send());
    floors.lost(user(1));
    floors.lost(user(2));
    EXPECT_EQ(floors.unconfirmed(), 1u);
    EXPECT_TRUE(floors.next_to_send());
}

TEST(Floors, forgetting_one_that_redis_never_heard_of_distrusts_strangers_for_a_ttl) {
    Floors floors(2, 300s, start);
    floors.raise({user(1), 5}, start);
    floors.confirmed(*floors.next_to_send());
    floors.raise({user(2), 5}, start);
    floors.raise({user(3), 5}, start);  // forgets user 1, which Redis knows of
    EXPECT_TRUE(floors.allows(user(1), 1, start));
    floors.raise({user(4), 5}, start);  // forgets user 2, which it does not
    EXPECT_FALSE(floors.allows(user(2), 9, start));
    EXPECT_FALSE(floors.allows(user(1), 9, start + 300s - 1ms));
    EXPECT_TRUE(floors.allows(user(2), 1, start + 300s));
    EXPECT_TRUE(floors.allows(user(4), 5, start));
    EXPECT_EQ(floors.unconfirmed(), 2u);
    EXPECT_EQ(floors.next_to_send()->user, user(3));
}

TEST(Floors, stay_within_their_bound_while_nothing_can_be_sent) {
    Floors floors(10, 300s, start);
    for (Version version = 1; version <= 1'000; ++version) {
        floors.raise({user(std::uint8_t(version % 25)), version}, start);
        EXPECT_LE(floors.waiting(), 20u);
        EXPECT_LE(floors.unconfirmed(), 10u);
    }
    std::size_t sent = 0;
    while (floors.next_to_send()) ++sent;
    EXPECT_EQ(sent, 10u);
}

TEST(Floors, at_first_only_who_was_read_or_told_of_is_trusted) {
    Floors floors(10, 300s, start + 300s);
    EXPECT_FALSE(floors.allows(user(1), 9, start));
    floors.know({user(1), 5}, start);
    EXPECT_TRUE(floors.allows(user(1), 5, start));
    EXPECT_FALSE(floors.allows(user(1), 4, start));
    EXPECT_EQ(floors.unconfirmed(), 0u) << "Redis has nothing to be told";
    EXPECT_FALSE(floors.allows(user(2), 9, start + 299s));
    EXPECT_TRUE(floors.allows(user(2), 9, start + 300s));
}

TEST(Floors, what_was_read_raises_what_was_told) {
    Floors floors(10, 300s, start);
    floors.raise({user(1), 5}, start);
    floors.know({user(1), 7}, start);
    EXPECT_FALSE(floors.allows(user(1), 6, start));
    EXPECT_EQ(floors.next_to_send()->version, 7u);
    floors.know({user(1), 3}, start);
    EXPECT_EQ(floors.of(user(1)), 7u);
}

}  // namespace
}  // namespace pulse::cache
