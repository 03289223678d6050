#include "dashboard/tenant_feed.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pulse::dashboard {
namespace {

using namespace std::chrono_literals;
using store::Change;
using store::ChangeKind;

const BusinessId shop = *BusinessId::parse("00000000-0000-4000-8000-000000000001");
const BusinessId cafe = *BusinessId::parse("00000000-0000-4000-8000-000000000002");
const TimePoint start{1h};
constexpr auto gap = 100ms;

store::TenantState state(store::Version version, std::int64_t views, std::vector<Change> changes = {}) {
    store::TenantState made;
    made.kpis = {.active_businesses = 1, .invites = 0, .views = views, .messages = 0, .version = version};
    for (const auto& change : changes)
        if (change.kind == ChangeKind::metrics_updated)
            made.totals.push_back({change.business_id, {.views = views}});
    made.changes = std::move(changes);
    return made;
}

Change metrics(store::Version version, BusinessId id) {
    return {version, ChangeKind::metrics_updated, id, {}};
}
Change renamed(store::Version version, BusinessId id, std::string name) {
    return {version, ChangeKind::business_updated, id, store::Business{.id = id, .name = std::move(name)}};
}
Event kpi_event(store::Version version, std::int64_t views) {
    return {version, KpiUpdate{{.active_businesses = 1, .landlord_views = views}}};
}
Event metrics_event(store::Version version, BusinessId id, std::int64_t views) {
    return {version, MetricsUpdated{id, {.views = views}}};
}

TenantFeed started_at(store::Version version) {
    TenantFeed feed(gap);
    EXPECT_TRUE(feed.apply(state(version, 0), start).empty());
    return feed;
}

TEST(TenantFeed, first_state_only_sets_the_start) {
    const auto feed = started_at(7);
    EXPECT_EQ(feed.position(), 7u);
    EXPECT_EQ(feed.next_due(), std::nullopt);
}

TEST(TenantFeed, sends_a_mutation_s_own_event_before_the_kpis) {
    auto feed = started_at(7);
    const auto sent = feed.apply(state(8, 5, {metrics(8, shop)}), start);
    EXPECT_EQ(sent, (std::vector{metrics_event(8, shop, 5), kpi_event(8, 5)}));
}

TEST(TenantFeed, sends_no_kpis_when_none_changed) {
    auto feed = started_at(7);
    const auto sent = feed.apply(state(8, 0, {renamed(8, shop, "a")}), start);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].version, 8u);
}

TEST(TenantFeed, conflates_states_to_one_per_gap_and_never_loses_the_last) {
    auto feed = started_at(0);
    EXPECT_EQ(feed.apply(state(1, 1, {metrics(1, shop)}), start).size(), 2u);
    for (store::Version v = 2; v <= 50; ++v)
        EXPECT_TRUE(feed.apply(state(v, std::int64_t(v), {metrics(v, shop)}), start + 1ms * v).empty()) << v;
    EXPECT_EQ(feed.next_due(), start + gap);
    EXPECT_TRUE(feed.take_due(start + gap - 1ms).empty());
    EXPECT_EQ(feed.take_due(start + gap), (std::vector{metrics_event(50, shop, 50), kpi_event(50, 50)}));
    EXPECT_EQ(feed.next_due(), std::nullopt);
}

TEST(TenantFeed, a_waiting_state_never_goes_out_below_a_version_already_sent) {
    auto feed = started_at(0);
    feed.apply(state(1, 1, {metrics(1, shop)}), start);
    feed.apply(state(2, 2, {metrics(2, shop)}), start + 1ms);  // waits
    EXPECT_EQ(feed.apply(state(3, 2, {renamed(3, shop, "b")}), start + 2ms).size(), 1u);
    feed.sent_state(4);
    for (const auto& event : feed.take_due(start + gap)) EXPECT_GE(event.version, 4u);
}

TEST(TenantFeed, kpis_never_overtake_the_event_of_the_mutation_they_show) {
    auto feed = started_at(0);
    feed.apply(state(1, 1, {metrics(1, shop)}), start);
    feed.apply(state(2, 1, {renamed(2, cafe, "x")}), start + 50ms);
    feed.apply(state(3, 2, {metrics(3, cafe)}), start + 90ms);
    const auto sent = feed.take_due(start + gap);
    EXPECT_EQ(sent, (std::vector{metrics_event(3, cafe, 2), kpi_event(3, 2)}));
}

TEST(TenantFeed, metrics_of_several_businesses_leave_together_in_rising_versions) {
    auto feed = started_at(0);
    feed.apply(state(1, 1, {metrics(1, shop)}), start);
    feed.apply(state(2, 2, {metrics(2, cafe)}), start + 1ms);
    feed.apply(state(3, 3, {metrics(3, shop)}), start + 2ms);
    const auto sent = feed.take_due(start + gap);
    ASSERT_EQ(sent.size(), 3u);
    EXPECT_TRUE(std::is_sorted(sent.begin(), sent.end(),
                               [](const auto& a, const auto& b) { return a.version < b.version; }));
}

TEST(TenantFeed, says_nothing_of_the_numbers_of_a_deleted_business) {
    auto feed = started_at(0);
    feed.apply(state(1, 1, {metrics(1, shop)}), start);
    feed.apply(state(2, 2, {metrics(2, shop)}), start + 1ms);
    feed.apply(state(3, 1, {{3, ChangeKind::business_deleted, shop, {}}}), start + 2ms);
    EXPECT_TRUE(feed.take_due(start + gap).empty());
}

TEST(TenantFeed, a_long_log_read_in_parts_delivers_every_event_once_and_the_kpis_last) {
    auto feed = started_at(0);
    auto part = state(4, 9, {renamed(1, shop, "a"), renamed(2, shop, "b")});
    part.more = true;
    EXPECT_EQ(feed.apply(part, start).size(), 2u);
    EXPECT_EQ(feed.position(), 2u);
    EXPECT_EQ(feed.next_due(), std::nullopt);
    const auto rest =
        feed.apply(state(4, 9, {renamed(2, shop, "b"), renamed(3, shop, "c"), renamed(4, shop, "d")}), start);
    ASSERT_EQ(rest.size(), 3u);
    EXPECT_EQ(rest[0].version, 3u);
    EXPECT_EQ(rest[2], kpi_event(4, 9));
}

TEST(TenantFeed, an_older_read_that_comes_late_changes_nothing) {
    auto feed = started_at(9);
    EXPECT_TRUE(feed.apply(state(8, 3, {metrics(8, shop)}), start).empty());
    EXPECT_EQ(feed.position(), 9u);
}

TEST(TenantFeed, kpis_that_came_back_to_what_was_sent_are_not_sent_again) {
    auto feed = started_at(0);
    feed.apply(state(1, 1), start);
    feed.apply(state(2, 2), start + 1ms);
    feed.apply(state(3, 1), start + 2ms);
    EXPECT_TRUE(feed.take_due(start + gap).empty());
}

}  // namespace
}  // namespace pulse::dashboard
