#include "socketio/retained.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

namespace pulse::socketio {
namespace {

Outgoing event(std::string_view text) { return Outgoing::make(text, {}); }

std::vector<std::string> texts(const RetainedValues& values, RetainedValues::Room room) {
    std::vector<std::string> out;
    for (const auto& packet : values.of(room)) out.emplace_back(packet.text->payload().substr(1));
    return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST(RetainedValues, are_the_latest_per_room_and_key_in_the_order_of_setting) {
    RetainedValues values(10, 1000);
    EXPECT_TRUE(values.set("r", "a", event("1"), 1));
    EXPECT_TRUE(values.set("r", "b", event("2"), 2));
    EXPECT_TRUE(values.set("q", "a", event("3"), 3));
    EXPECT_TRUE(values.set(std::nullopt, "a", event("4"), 4));
    EXPECT_TRUE(values.set("r", "a", event("5"), 5));
    EXPECT_EQ(texts(values, "r"), (Texts{"2", "5"}));
    EXPECT_EQ(texts(values, "q"), Texts{"3"});
    EXPECT_EQ(texts(values, std::nullopt), Texts{"4"});
    EXPECT_TRUE(values.of("").empty());
    EXPECT_EQ(values.size(), 4u);
}

TEST(RetainedValues, never_go_back_to_an_older_version) {
    RetainedValues values(10, 1000);
    values.set("r", "a", event("new"), 5);
    EXPECT_FALSE(values.set("r", "a", event("old"), 4));
    EXPECT_EQ(texts(values, "r"), Texts{"new"});
    values.forget("r", "a", 4);  // older than the value too
    EXPECT_EQ(values.size(), 1u);
    values.forget("r", "a", 7);
    EXPECT_FALSE(values.set("r", "a", event("late"), 6));
    EXPECT_TRUE(values.set("r", "a", event("newer"), 8));
    values.set("r", "b", event("b"), 9);
    values.forget("r", std::nullopt, 11);
    EXPECT_FALSE(values.set("r", "c", event("late"), 10));
    EXPECT_EQ(values.size(), 0u);
    EXPECT_EQ(values.bytes(), 0u);
}

TEST(RetainedValues, of_too_many_the_least_recently_set_make_room) {
    RetainedValues values(2, 1000);
    values.set("r", "a", event("1"), 1);
    values.set("r", "b", event("2"), 2);
    values.set("r", "a", event("3"), 3);
    values.set("r", "c", event("4"), 4);
    EXPECT_EQ(texts(values, "r"), (Texts{"3", "4"}));
    EXPECT_EQ(values.evicted(), 1u);
    RetainedValues small(10, 100);
    small.set("r", "a", event("1"), 1);
    small.set("r", "b", event(std::string(200, 'x')), 2);  // alone more than fits
    EXPECT_EQ(small.size(), 0u);
    EXPECT_EQ(small.bytes(), 0u);
}

TEST(RetainedValues, what_is_remembered_of_the_forgotten_is_bounded) {
    RetainedValues values(10, 1000);
    for (std::uint64_t i = 1; i <= 2 * RetainedValues::most_forgotten; ++i) {
        values.forget("r", std::to_string(i), 10 * i);
    }
    EXPECT_TRUE(values.set("r", "1", event("x"), 5));
    EXPECT_FALSE(values.set("r", std::to_string(2 * RetainedValues::most_forgotten), event("x"), 5));
}

// Whatever the order in which versions arrive, the newest of each key stays.
RC_GTEST_PROP(RetainedValuesProperty, shards_end_with_the_same_values, ()) {
    auto versions = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12));
    const auto run = [&](const std::vector<std::uint64_t>& order) {
        RetainedValues values(1000, 1 << 20);
        for (const auto version : order) {
            const int what = versions[version - 1];
            if (what < 9) {
                values.set("r", std::to_string(what % 3), event(std::to_string(version)), version);
            } else {
                values.forget("r", std::to_string(what % 3), version);
            }
        }
        auto all = texts(values, "r");
        std::sort(all.begin(), all.end());
        return all;
    };
    std::vector<std::uint64_t> order(versions.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i + 1;
    const auto expected = run(order);
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    RC_ASSERT(run(order) == expected);
}

}  // namespace pulse::socketio
