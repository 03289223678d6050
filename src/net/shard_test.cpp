#include "net/shard.hpp"

#include <gtest/gtest.h>

#include "net/test_client.hpp"

namespace pulse::net {
namespace {

using namespace std::chrono_literals;

TEST(ShardPool, runs_work_on_every_shards_own_thread) {
    ShardPool pool(3, system_clock());
    std::atomic<int> ran{0};
    const auto work = [&](Shard& shard) {
        EXPECT_TRUE(shard.is_current());
        EXPECT_EQ(Shard::current(), &shard);
        ++ran;
    };
    pool.run_on_each(work);  // here, while no threads run
    EXPECT_EQ(ran, 3);
    pool.start();
    pool.run_on_each(work);
    EXPECT_EQ(ran, 6);
    EXPECT_EQ(Shard::current(), nullptr);
    pool.stop();
    pool.run_on_each(work);
    EXPECT_EQ(ran, 9);
}

TEST(ShardPool, stopping_destroys_what_never_ran) {
    auto witness = std::make_shared<int>(0);
    ShardPool pool(2, system_clock());
    pool[0].post([witness, &pool] { pool[1].post([witness] {}); });
    pool[1].post([witness] {});
    pool.stop();
    EXPECT_EQ(witness.use_count(), 1);
}

TEST(Shard, fires_timers_and_measures_its_lag) {
    ShardPool pool(1, system_clock());
    std::atomic<int> fired{0};
    Timer timer(pool[0].timers(), [&] { ++fired; });
    Timer later(pool[0].timers(), [&] { ++fired; });
    pool.start();
    pool[0].post([&] {
        later.arm(20ms);
        timer.arm(1ms);
    });
    EXPECT_TRUE(eventually([&] { return fired == 2; }));
    // Something is always measured, be it microseconds.
    EXPECT_TRUE(eventually([&] { return pool[0].take_worst_lag() > 0ns; }));
    EXPECT_GT(pool[0].worst_lag(), 0ns);
    EXPECT_GT(pool[0].worst_lag(), 0ns) << "reading it must not reset it";
    pool.stop();
}

TEST(Shard, dispatch_runs_at_once_at_home_and_posts_from_elsewhere) {
    ShardPool pool(2, system_clock());
    pool.start();
    std::atomic<Shard*> seen{nullptr};
    pool[0].post([&] {
        bool ran = false;
        pool[0].dispatch([&] { ran = true; });
        EXPECT_TRUE(ran);
        pool[1].dispatch([&] { seen = Shard::current(); });
    });
    EXPECT_TRUE(eventually([&] { return seen == &pool[1]; }));
}

}  // namespace
}  // namespace pulse::net
