#include "dashboard/dashboard_events.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "dashboard/fake_cache.hpp"
#include "dashboard/fake_store.hpp"
#include "dashboard/kpi_service.hpp"

namespace pulse::dashboard {
namespace {

using namespace std::chrono_literals;

// Its reads of a tenant's state fail by an exception, or wait, as a test says.
class ReluctantStore final : public testing::FakeStore {
public:
    std::atomic<int> throws{0};

    void hold() {
        const std::lock_guard lock(mutex_);
        holding_ = true;
    }
    void release() {
        std::vector<Promise<bool>> held;
        {
            const std::lock_guard lock(mutex_);
            holding_ = false;
            held.swap(held_);
        }
        for (auto& one : held) one.set(true);
    }
    bool holds_one() {
        const std::lock_guard lock(mutex_);
        return held_.size() == 1;
    }

    Task<Result<store::TenantState>> tenant_state(UserId user, std::optional<store::Version> after,
                                                  std::int64_t businesses) override {
        if (throws.fetch_sub(1) > 0) throw std::runtime_error("out of memory, say");
        co_await await_promise<bool>([this](Promise<bool> promise) {
            const std::lock_guard lock(mutex_);
            if (holding_)
                held_.push_back(std::move(promise));
            else
                promise.set(true);
        });
        auto state = co_await FakeStore::tenant_state(user, after, businesses);
        co_return state;
    }

private:
    std::mutex mutex_;
    bool holding_ = false;
    std::vector<Promise<bool>> held_;
};

class FollowersTest : public ::testing::Test {
protected:
    FollowersTest() {
        store.kpis[ann].version = 7;
        shards.start();
    }
    ~FollowersTest() override {
        store.release();
        events.stop();
        shards.stop();
    }
    template <class Condition>
    static bool soon(Condition condition) {
        for (const auto end = std::chrono::steady_clock::now() + 10s;
             std::chrono::steady_clock::now() < end;) {
            if (condition()) return true;
            std::this_thread::yield();
        }
        return false;
    }
    // Whoever reads the log remembers the KPIs it found.
    bool was_served() { return cache.get_now(ann).value() != nullptr; }

    const UserId ann = UserId::random();
    ReluctantStore store;
    testing::FakeCache cache{testing::FakeCache::Kind::in_process};
    net::ShardPool shards{2, system_clock()};
    KpiService kpis{store, cache};
    socketio::Server sockets{shards, {}};
    DashboardEvents events{shards, store, kpis, sockets.of("/dashboard"), 100ms};
};

// The follower used to end with its reader: no event ever again for that tenant.
TEST_F(FollowersTest, a_follower_outlives_an_exception_and_tries_again) {
    store.throws = 2;
    events.join(ann, "a socket");
    EXPECT_TRUE(soon([&] { return was_served(); }));
    EXPECT_EQ(events.stats().read_failures, 2u);
    EXPECT_EQ(events.stats().reads, 3u);
}

TEST_F(FollowersTest, a_read_that_ends_after_the_last_socket_left_says_nothing) {
    store.hold();
    events.join(ann, "a socket");
    ASSERT_TRUE(soon([&] { return store.holds_one(); }));
    events.leave(ann, "a socket");
    ASSERT_TRUE(soon([&] { return events.stats().followed == 0; }));
    store.release();
    events.stop();
    EXPECT_FALSE(was_served());
}

TEST_F(FollowersTest, who_comes_while_the_read_for_those_who_left_is_under_way_is_served) {
    store.hold();
    events.join(ann, "a socket");
    ASSERT_TRUE(soon([&] { return store.holds_one(); }));
    events.leave(ann, "a socket");
    events.join(ann, "another");
    store.release();
    EXPECT_TRUE(soon([&] { return was_served(); }));
    EXPECT_EQ(events.stats().followed, 1u);
}

TEST_F(FollowersTest, stopping_waits_for_a_read_under_way) {
    store.hold();
    events.join(ann, "a socket");
    ASSERT_TRUE(soon([&] { return store.holds_one(); }));
    std::thread release([&] { store.release(); });
    events.stop();
    release.join();
    EXPECT_FALSE(store.holds_one());
}

}  // namespace
}  // namespace pulse::dashboard
