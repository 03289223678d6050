#include "dashboard/replay.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <random>

namespace pulse::dashboard {
namespace {

using namespace std::chrono_literals;
using store::Change;
using store::ChangeKind;
using store::Version;

const UserId ann = *UserId::parse("00000000-0000-4000-8000-00000000000a");
const UserId bob = *UserId::parse("10000000-0000-4000-8000-00000000000b");

BusinessId business(unsigned n) {
    return *BusinessId::parse("00000000-0000-4000-8000-00000000000" + std::to_string(n));
}

// A tenant's log as the database keeps it, and its reads.
struct Log {
    std::vector<Change> changes;

    void add(ChangeKind kind, BusinessId id) {
        Change change{changes.size() + 1, kind, id, {}};
        if (kind == ChangeKind::business_created || kind == ChangeKind::business_updated)
            change.business = store::Business{.id = id};
        changes.push_back(change);
    }
    store::TenantState after(Version version) const {
        store::TenantState state;
        state.kpis.version = changes.size();
        state.kpis.views = std::int64_t(changes.size());
        std::map<BusinessId, Version> latest;
        for (const auto& change : changes)
            if (change.kind == ChangeKind::metrics_updated) latest[change.business_id] = change.version;
        for (const auto& change : changes) {
            if (change.version <= version) continue;
            const bool is_metrics = change.kind == ChangeKind::metrics_updated;
            if (is_metrics && latest[change.business_id] != change.version) continue;
            state.changes.push_back(change);
            if (is_metrics)
                state.totals.push_back({change.business_id, {.views = std::int64_t(change.version)}});
        }
        return state;
    }
};

}  // namespace

TEST(Offset, names_what_was_seen_for_one_user) {
    for (const Seen seen : {Seen{0, 0}, Seen{7, 7}, Seen{1'000'000, 999'000}, Seen{5, 0}}) {
        const auto text = to_offset(ann, seen);
        EXPECT_EQ(parse_offset(ann, text), seen) << text;
        EXPECT_EQ(parse_offset(bob, text), std::nullopt) << text;
    }
    EXPECT_EQ(to_offset(ann, {40, 38}), "14~2.00000000");
    for (const auto* bad : {"", ".", "1", ".00000000", "1~.00000000", "1~2.00000000", "~1.00000000",
                            "-1.00000000", "1 .00000000", "zzzzzzzzzzzzzzzz.00000000"})
        EXPECT_EQ(parse_offset(ann, bad), std::nullopt) << bad;
}

RC_GTEST_PROP(Offset, any_text_is_read_or_refused, (const std::string& text)) {
    parse_offset(ann, text + ".00000000");
    parse_offset(ann, text);
}

TEST(Replay, ends_with_the_current_kpis_also_when_nothing_was_missed) {
    Log log;
    log.add(ChangeKind::business_created, business(1));
    const auto events = replay(log.after(1), {1, 1});
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].version, 1u);
    EXPECT_EQ(events[0].what, Happening(KpiUpdate{kpis_of(log.after(1).kpis)}));
    EXPECT_EQ(events[0].seen, (Seen{1, 1}));
}

TEST(Replay, metrics_that_waited_for_their_gap_are_not_lost_and_no_business_event_comes_twice) {
    Log log;
    log.add(ChangeKind::business_created, business(1));
    log.add(ChangeKind::metrics_updated, business(1));
    log.add(ChangeKind::business_updated, business(1));
    const Seen seen{3, 1};  // the update was sent while the metrics waited
    const auto events = replay(log.after(1), seen);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].what, Happening(MetricsUpdated{business(1), {.views = 2}}));
    EXPECT_EQ(events[0].version, 3u);
}

// Whoever lives through any history, with any breaks, has every business event once and in order, and the
// latest metrics and KPIs in the end.
RC_GTEST_PROP(Replay, any_breaks_lose_and_repeat_nothing, (unsigned seed)) {
    std::mt19937 random(seed);
    const auto below = [&](unsigned n) { return unsigned(random() % n); };
    bool calm = false;  // nothing breaks any more
    Log log;
    TenantFeed feed(100ms);
    TimePoint now{1h};
    feed.apply(log.after(0), now);
    Seen seen = feed.seen();
    std::vector<Version> got;
    std::map<BusinessId, std::int64_t> metrics;
    std::int64_t views = 0;
    Version last = 0;
    bool there = true;
    const auto receive = [&](const Event& event) {
        RC_ASSERT(event.version >= last);
        last = event.version;
        seen = event.seen;
        if (const auto* totals = std::get_if<MetricsUpdated>(&event.what)) {
            metrics[totals->id] = totals->totals.views;
        } else if (const auto* kpis = std::get_if<KpiUpdate>(&event.what)) {
            views = kpis->kpis.landlord_views;
        } else {
            got.push_back(event.version);
        }
    };
    // It is gone after some of the events, in the middle of a batch perhaps.
    const auto send = [&](const std::vector<Event>& events) {
        for (const auto& event : events) {
            if (there && !calm && below(8) == 0) there = false;
            if (there) receive(event);
        }
    };
    const auto come_back = [&] {
        there = true;
        const auto state = log.after(std::min({seen.changes, seen.metrics, *feed.position()}));
        const auto live = feed.apply(state, now);
        there = false;
        send(live);
        there = true;
        feed.sent_state(state.kpis.version);
        send(replay(state, seen));
    };
    for (auto steps = 1 + below(60); steps > 0; --steps) {
        switch (below(6)) {
            case 0:
            case 1:
                log.add(below(2) == 0 ? ChangeKind::business_created : ChangeKind::business_updated,
                        business(1 + below(3)));
                break;
            case 2:
            case 3:
                log.add(ChangeKind::metrics_updated, business(1 + below(3)));
                break;
            case 4:
                now += std::chrono::milliseconds(below(150));
                send(feed.take_due(now));
                break;
            default:
                if (!there) come_back();
        }
        if (below(2) == 0) send(feed.apply(log.after(*feed.position()), now));
    }
    send(feed.apply(log.after(*feed.position()), now));
    calm = true;
    if (!there) come_back();
    for (int i = 1; i < 4; ++i) send(feed.take_due(now + 1h * i));

    std::vector<Version> wanted;
    std::map<BusinessId, std::int64_t> latest;
    for (const auto& change : log.changes) {
        if (change.kind == ChangeKind::metrics_updated)
            latest[change.business_id] = std::int64_t(change.version);
        else
            wanted.push_back(change.version);
    }
    RC_ASSERT(got == wanted);
    RC_ASSERT(metrics == latest);
    RC_ASSERT(views == std::int64_t(log.changes.size()));
}

}  // namespace pulse::dashboard
