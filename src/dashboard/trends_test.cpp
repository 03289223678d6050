#include "dashboard/trends.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace pulse::dashboard {
namespace {

using std::chrono::days;
const store::Date today{std::chrono::year(2026) / 3 / 2};

TEST(Trends, every_day_is_there_oldest_first_and_today_last) {
    const auto trends = trends_of({}, today, 30);
    ASSERT_EQ(trends.days.size(), 30u);
    for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(trends.days[i].date, today - days(29 - int(i)));
    EXPECT_EQ(trends.current, store::Counts{});
    EXPECT_EQ(trends.previous, store::Counts{});
}

TEST(Trends, days_are_summed_for_this_period_and_the_one_before) {
    const store::Counts one{1, 2, 3, 4, 5, 6};
    const auto trends = trends_of({{today - days(4), one},
                                   {today - days(3), one},
                                   {today - days(2), one},
                                   {today - days(1), one},
                                   {today - days(1), one},
                                   {today + days(1), one}},
                                  today, 2);
    EXPECT_EQ(first_day(today, 2), today - days(3));
    EXPECT_EQ(trends.previous, (store::Counts{2, 4, 6, 8, 10, 12}));
    EXPECT_EQ(trends.current, (store::Counts{2, 4, 6, 8, 10, 12}));
    EXPECT_EQ(trends.days[0].counts, (store::Counts{2, 4, 6, 8, 10, 12}));
    EXPECT_EQ(trends.days[1].counts, store::Counts{});
}

TEST(Trends, are_written_with_the_contracts_names) {
    const store::Counts one{1, 2, 3, 4, 5, 6};
    EXPECT_EQ(
        boost::json::serialize(to_json(trends_of({{today, one}}, today, 1))),
        R"({"days":[{"date":"2026-03-02","views":1,"clicks":2,"invites":3,"declined":4,"messages":5,"qfps":6}],)"
        R"("previous":{"views":0,"clicks":0,"invites":0,"declined":0,"messages":0,"qfps":0},)"
        R"("current":{"views":1,"clicks":2,"invites":3,"declined":4,"messages":5,"qfps":6}})");
}

}  // namespace
}  // namespace pulse::dashboard
