#include "base/ids.hpp"

#include <gtest/gtest.h>

namespace pulse {
namespace {

TEST(Uuid, is_read_in_any_case_and_written_in_lower_case) {
    const auto id = UserId::parse("0189F7A0-1b2c-7D3E-8f40-5162738495A6");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->to_string(), "0189f7a0-1b2c-7d3e-8f40-5162738495a6");
}

TEST(Uuid, refuses_everything_else) {
    for (const auto* text : {"", "0189f7a0", "0189f7a0-1b2c-7d3e-8f40-5162738495a",
                             "0189f7a01b2c7d3e8f405162738495a6", "0189f7a0-1b2c-7d3e-8f40-5162738495ag",
                             "0189f7a0-1b2c-7d3e-8f405-162738495a6", "{189f7a0-1b2c-7d3e-8f40-5162738495a6"})
        EXPECT_FALSE(Uuid::parse(text)) << text;
}

TEST(Uuid, random_is_version_four_and_never_the_same_twice) {
    const auto a = Uuid::random();
    EXPECT_EQ(a.to_string()[14], '4');
    EXPECT_NE(a, Uuid::random());
}

}  // namespace
}  // namespace pulse
