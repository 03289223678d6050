#include "net/timers.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace pulse::net {
namespace {

using namespace std::chrono_literals;

class HandClock final : public Clock {
public:
    TimePoint now() const override { return time; }
    WallTime wall_now() const override { return {}; }
    TimePoint time{};
};

struct TimersOfAShard : testing::Test {
    HandClock clock;
    Timers timers{clock};
    std::vector<int> log;

    void advance(Duration by) {
        clock.time += by;
        timers.run_due();
    }
};

TEST_F(TimersOfAShard, run_what_is_due_earliest_first) {
    Timer late(timers, [this] { log.push_back(2); });
    Timer early(timers, [this] { log.push_back(1); });
    Timer never(timers, [this] { log.push_back(3); });
    late.arm(2s);
    early.arm(1s);
    never.arm(3s);
    EXPECT_EQ(timers.next_due(), clock.time + 1s);
    advance(2s);
    EXPECT_EQ(log, (std::vector{1, 2}));
    EXPECT_FALSE(early.armed());
    EXPECT_TRUE(never.armed());
    never.cancel();
    EXPECT_EQ(timers.next_due(), TimePoint::max());
}

TEST_F(TimersOfAShard, arming_again_replaces_the_deadline) {
    Timer timer(timers, [this] { log.push_back(1); });
    timer.arm(1s);
    timer.arm(5s);
    advance(2s);
    EXPECT_TRUE(log.empty());
    advance(3s);
    EXPECT_EQ(log.size(), 1u);
}

TEST_F(TimersOfAShard, callbacks_may_arm_cancel_and_destroy_any_timer) {
    auto victim = std::make_unique<Timer>(timers, [this] { log.push_back(9); });
    std::unique_ptr<Timer> suicidal;
    Timer cancelled(timers, [this] { log.push_back(8); });
    Timer armed(timers, [this] { log.push_back(3); });
    Timer first(timers, [&] {
        log.push_back(1);
        victim.reset();
        cancelled.cancel();
        armed.arm(1s);
        first.arm(10s);
    });
    std::string owned(100, 'x');
    suicidal = std::make_unique<Timer>(timers, [&, owned] {
        suicidal.reset();
        log.push_back(owned.size() == 100 ? 2 : -1);
    });
    first.arm(1s);
    suicidal->arm(2s);
    victim->arm(2s);
    cancelled.arm(2s);
    advance(2s);
    EXPECT_EQ(log, (std::vector{1, 2}));
    EXPECT_TRUE(first.armed());
    advance(1s);
    EXPECT_EQ(log, (std::vector{1, 2, 3}));
}

TEST_F(TimersOfAShard, what_is_overdue_can_be_run_from_within_other_work_but_not_from_a_callback) {
    int earlier = 0;
    timers.on_earlier = [&] { ++earlier; };
    Timer later(timers, [this] { log.push_back(2); });
    Timer first(timers, [&] {
        log.push_back(1);
        later.arm(1s);
        timers.run_overdue();
    });
    first.arm(1s);
    timers.run_overdue();
    EXPECT_TRUE(log.empty());
    clock.time += 1s;
    earlier = 0;
    timers.run_overdue();
    EXPECT_EQ(log, std::vector{1});
    EXPECT_EQ(earlier, 1) << "the shard waits for what the callback armed";
    advance(1s);
    EXPECT_EQ(log, (std::vector{1, 2}));
}

TEST_F(TimersOfAShard, one_that_arms_itself_for_now_does_not_hold_the_loop) {
    Timer timer(timers, [&] {
        log.push_back(1);
        timer.arm(0s);
    });
    timer.arm(0s);
    timers.run_due();
    EXPECT_EQ(log.size(), 1u);
    timers.run_due();
    EXPECT_EQ(log.size(), 2u);
}

TEST_F(TimersOfAShard, the_owner_hears_of_earlier_deadlines_only) {
    int told = 0;
    timers.on_earlier = [&] { ++told; };
    Timer a(timers, [] {});
    Timer b(timers, [] {});
    a.arm(5s);
    EXPECT_EQ(told, 1);
    b.arm(6s);
    EXPECT_EQ(told, 1);
    b.arm(1s);
    EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace pulse::net
