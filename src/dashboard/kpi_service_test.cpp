#include "dashboard/kpi_service.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>

#include "dashboard/fake_cache.hpp"
#include "dashboard/fake_store.hpp"

namespace pulse::dashboard {
namespace {

using namespace std::chrono_literals;
using testing::FakeCache;
using testing::FakeStore;
using Answer = Result<cache::Json>;

// Event loops with a thread each, as the shards are.
class Loops {
public:
    explicit Loops(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            auto& loop = *loops_.emplace_back(std::make_unique<boost::asio::io_context>(1));
            guards_.emplace_back(loop.get_executor());
            threads_.emplace_back([&loop] { loop.run(); });
        }
    }
    ~Loops() {
        guards_.clear();
        for (auto& thread : threads_) thread.join();
    }
    std::future<Answer> ask(std::size_t loop, KpiService& service, UserId user) {
        auto done = std::make_shared<std::promise<Answer>>();
        boost::asio::co_spawn(loops_[loop % loops_.size()]->get_executor(), service.calculate(user),
                              [done](const std::exception_ptr& error, Answer answer) {
                                  if (error)
                                      done->set_exception(error);
                                  else
                                      done->set_value(std::move(answer));
                              });
        return done->get_future();
    }

private:
    std::vector<std::unique_ptr<boost::asio::io_context>> loops_;
    std::vector<boost::asio::executor_work_guard<Executor>> guards_;
    std::vector<std::thread> threads_;
};

template <class Condition>
::testing::AssertionResult soon(Condition condition) {
    for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;) {
        if (condition()) return ::testing::AssertionSuccess();
        std::this_thread::yield();
    }
    return ::testing::AssertionFailure() << "still not after ten seconds";
}

const store::TenantKpis sums{
    .active_businesses = 3, .invites = 200, .views = 41, .messages = 151, .version = 7};
constexpr auto sums_json =
    R"({"activeBusinesses":3,"responseRate":75.5,"landlordViews":41,"messagesTotal":151})";

class KpiServiceTest : public ::testing::TestWithParam<FakeCache::Kind> {
protected:
    KpiServiceTest() { store.kpis[user] = sums; }
    std::string calculate() { return **loops.ask(0, service, user).get(); }

    const UserId user = UserId::random();
    FakeStore store;
    FakeCache cache{GetParam()};
    KpiService service{store, cache};
    Loops loops{2};
};
INSTANTIATE_TEST_SUITE_P(caches, KpiServiceTest,
                         ::testing::Values(FakeCache::Kind::in_process, FakeCache::Kind::remote));

TEST_P(KpiServiceTest, a_second_read_does_not_touch_the_database) {
    EXPECT_EQ(calculate(), sums_json);
    EXPECT_EQ(calculate(), sums_json);
    EXPECT_EQ(store.kpi_reads, 1u);
    EXPECT_EQ(service.stats().reads, 1u);
}

TEST_P(KpiServiceTest, a_user_nobody_has_heard_of_has_zeros) {
    EXPECT_EQ(**loops.ask(0, service, UserId::random()).get(),
              R"({"activeBusinesses":0,"responseRate":0,"landlordViews":0,"messagesTotal":0})");
}

TEST_P(KpiServiceTest, an_invalidation_makes_the_next_call_read) {
    calculate();
    store.kpis[user] = {.messages = 1, .version = 8};
    service.invalidate(user, 8);
    EXPECT_NE(calculate(), sums_json);
    EXPECT_EQ(store.kpi_reads, 2u);
    service.invalidate(user, 7);  // late news
    calculate();
    EXPECT_EQ(store.kpi_reads, 2u);
}

TEST_P(KpiServiceTest, what_the_cache_holds_is_answered_while_the_database_is_out_of_reach) {
    calculate();
    store.out_of_reach = true;
    EXPECT_EQ(calculate(), sums_json);
    const auto other = loops.ask(0, service, UserId::random()).get();
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::unavailable);
}

// The cache was believed while the change feed was down, once a change had gone unheard.
TEST_P(KpiServiceTest, the_cache_is_not_believed_while_changes_go_unheard) {
    calculate();
    store.hears = false;
    store.kpis[user] = {.active_businesses = 4, .version = 8};  // nobody was told
    const auto fresh = R"({"activeBusinesses":4,"responseRate":0,"landlordViews":0,"messagesTotal":0})";
    EXPECT_EQ(service.try_cached(user), nullptr);
    EXPECT_EQ(calculate(), fresh);
    EXPECT_EQ(calculate(), fresh);
    EXPECT_EQ(store.kpi_reads, 3u);
    store.hears = true;
    EXPECT_EQ(calculate(), fresh);  // what was read meanwhile was kept
    EXPECT_EQ(store.kpi_reads, 3u);
}

TEST_P(KpiServiceTest, the_cache_is_the_last_resort_while_nothing_else_is_in_reach) {
    calculate();
    store.hears = false;
    store.out_of_reach = true;
    EXPECT_EQ(calculate(), sums_json);
    EXPECT_FALSE(loops.ask(0, service, UserId::random()).get());
    store.out_of_reach = false;
    store.kpis[user] = {.active_businesses = 4, .version = 8};
    EXPECT_NE(calculate(), sums_json);
}

TEST_P(KpiServiceTest, misses_at_once_read_once_whatever_their_loops) {
    store.hold_reads = true;
    std::vector<std::future<Answer>> answers;
    for (std::size_t i = 0; i < 40; ++i) answers.push_back(loops.ask(i, service, user));
    ASSERT_TRUE(soon([&] { return service.stats().joined == 39 && store.held() == 1; }));
    store.release_reads();
    for (auto& answer : answers) EXPECT_EQ(**answer.get(), sums_json);
    EXPECT_EQ(store.kpi_reads, 1u);
}

TEST_P(KpiServiceTest, whoever_waits_for_a_read_that_fails_hears_of_it) {
    store.hold_reads = true;
    store.out_of_reach = true;
    auto first = loops.ask(0, service, user);
    auto second = loops.ask(1, service, user);
    ASSERT_TRUE(soon([&] { return service.stats().joined == 1 && store.held() == 1; }));
    store.release_reads();
    EXPECT_EQ(first.get().error().code, ErrorCode::unavailable);
    EXPECT_EQ(second.get().error().code, ErrorCode::unavailable);
}

TEST_P(KpiServiceTest, whoever_asks_after_a_write_gets_no_state_from_before_it) {
    store.hold_reads = true;
    auto before = loops.ask(0, service, user);
    ASSERT_TRUE(soon([&] { return store.held() == 1; }));
    store.kpis[user] = {.active_businesses = 4, .version = 8};
    service.invalidate(user, 8);
    auto after = loops.ask(1, service, user);
    ASSERT_TRUE(soon([&] { return store.held() == 2; }));
    store.release_reads();
    const auto fresh = R"({"activeBusinesses":4,"responseRate":0,"landlordViews":0,"messagesTotal":0})";
    EXPECT_EQ(**before.get(), sums_json);
    EXPECT_EQ(**after.get(), fresh);
    EXPECT_EQ(calculate(), fresh);  // the older read did not overwrite it in the cache
    EXPECT_EQ(store.kpi_reads, 2u);
}

TEST(KpiService, answers_a_hit_without_waiting_and_takes_what_others_read) {
    FakeStore store;
    FakeCache cache;
    KpiService service(store, cache);
    const auto user = UserId::random();
    EXPECT_EQ(service.try_cached(user), nullptr);
    service.remember(user, sums);
    ASSERT_TRUE(service.try_cached(user));
    EXPECT_EQ(*service.try_cached(user), sums_json);
    service.remember(user, {.version = 6});  // older than what is known
    EXPECT_EQ(*service.try_cached(user), sums_json);
    EXPECT_EQ(store.kpi_reads, 0u);
}

TEST_P(KpiServiceTest, what_was_shown_is_not_undercut_by_what_the_cache_still_holds) {
    store.kpis[user] = sums;
    EXPECT_EQ(calculate(), sums_json);
    // An event showed this state before its wake-up came.
    store.kpis[user] = {.active_businesses = 4, .version = sums.version + 1};
    service.remember(user, store.kpis[user]);
    EXPECT_EQ(calculate(), R"({"activeBusinesses":4,"responseRate":0,"landlordViews":0,"messagesTotal":0})");
}

TEST_P(KpiServiceTest, nor_by_a_read_that_began_before_it) {
    store.kpis[user] = sums;
    store.hold_reads = true;
    auto before = loops.ask(0, service, user);
    ASSERT_TRUE(soon([&] { return store.held() == 1; }));
    store.kpis[user] = {.active_businesses = 4, .version = sums.version + 1};
    service.remember(user, store.kpis[user]);
    auto after = loops.ask(1, service, user);
    ASSERT_TRUE(soon([&] {
        return store.held() == 2 || after.wait_for(0s) == std::future_status::ready ||
               service.stats().joined == 1;
    }));
    store.release_reads();
    EXPECT_EQ(**before.get(), sums_json);
    EXPECT_EQ(**after.get(),
              R"({"activeBusinesses":4,"responseRate":0,"landlordViews":0,"messagesTotal":0})");
}

}  // namespace
}  // namespace pulse::dashboard
