#include "dashboard/readiness.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/array.hpp>
#include <future>

#include "base/promise.hpp"
#include "dashboard/operations_routes.hpp"
#include "http/testing.hpp"

namespace pulse::dashboard {
namespace {

using namespace std::chrono_literals;

// A dependency that answers as it is told, or not until it is let go.
struct Dependency {
    Result<void> state{};
    bool held = false;
    unsigned asked = 0;
    std::vector<Promise<Result<void>>> owed;

    Task<Result<void>> check() {
        ++asked;
        if (!held) co_return state;
        auto late = co_await await_promise<Result<void>>(
            [this](Promise<Result<void>> promise) { owed.push_back(std::move(promise)); });
        co_return late;
    }
    void let_go() {
        held = false;
        for (auto& promise : std::exchange(owed, {})) promise.set({});
    }
};

struct ReadinessTest : testing::Test {
    ReadinessTest() { shards.start(); }
    ~ReadinessTest() override {
        on_home([this] { database.let_go(); });
        readiness.wait_until_idle();
        shards.stop();
    }

    // The dependencies live on the shard that asks them.
    template <class F>
    void on_home(F work) {
        std::promise<void> done;
        shards[0].post([&] {
            work();
            done.set_value();
        });
        done.get_future().get();
    }
    std::future<ReadinessReport> ask(net::ShardId from = 0) {
        return boost::asio::co_spawn(shards[from].executor(), readiness.report(), boost::asio::use_future);
    }
    ReadinessReport report() { return ask().get(); }
    static std::string errors(const ReadinessReport& report) {
        std::string all;
        for (const auto& check : report.checks) all += check.name + ":" + check.error + " ";
        return all;
    }

    net::ShardPool shards{2, system_clock()};
    Dependency database, cache;
    Readiness readiness{shards,
                        {{"database", Weight::required, [this] { return database.check(); }},
                         {"cache", Weight::advisory, [this] { return cache.check(); }}},
                        200ms};
};

TEST_F(ReadinessTest, every_check_is_reported_with_its_name) {
    const auto all = report();
    EXPECT_TRUE(all.ready());
    EXPECT_EQ(errors(all), "database: cache: ");
}

TEST_F(ReadinessTest, a_required_check_that_fails_takes_the_node_out_and_it_comes_back) {
    on_home([this] { database.state = Error{ErrorCode::unavailable, "host db1 refused the password"}; });
    const auto broken = report();
    EXPECT_FALSE(broken.ready());
    EXPECT_EQ(errors(broken), "database:out of reach cache: ") << "in words that give nothing away";
    on_home([this] { database.state = {}; });
    EXPECT_TRUE(report().ready());
}

TEST_F(ReadinessTest, an_advisory_check_that_fails_is_only_told_of) {
    on_home([this] { cache.state = Error{ErrorCode::internal, "OOM"}; });
    const auto all = report();
    EXPECT_TRUE(all.ready());
    EXPECT_EQ(errors(all), "database: cache:failed ");
}

TEST_F(ReadinessTest, a_check_that_does_not_come_back_has_failed_and_is_not_started_twice) {
    on_home([this] { database.held = true; });
    EXPECT_EQ(errors(report()), "database:no answer in time cache: ");
    EXPECT_EQ(errors(report()), "database:no answer in time cache: ");
    on_home([this] {
        EXPECT_EQ(database.asked, 1u);
        database.let_go();
    });
    EXPECT_TRUE(report().ready());
}

TEST_F(ReadinessTest, who_asks_at_once_shares_one_round) {
    on_home([this] { database.held = true; });
    std::vector<std::future<ReadinessReport>> asked;
    for (int i = 0; i < 20; ++i) asked.push_back(ask(net::ShardId(i % 2)));
    for (auto& one : asked) EXPECT_FALSE(one.get().ready());
    on_home([this] { EXPECT_EQ(database.asked, 1u); });
}

TEST_F(ReadinessTest, a_draining_node_is_not_ready_and_asks_nobody) {
    readiness.drain();
    EXPECT_FALSE(report().ready());
    on_home([this] { EXPECT_EQ(database.asked, 0u); });
}

TEST(ReadyAnswer, says_what_is_wrong_in_the_usual_envelope) {
    ReadinessReport report;
    report.checks = {{"database", Weight::required, 1'250us, ""}, {"cache", Weight::advisory, 2ms, "failed"}};
    const auto good = to_response(report);
    EXPECT_EQ(good.status, 200u);
    EXPECT_EQ(good.body,
              R"({"success":true,"data":{"status":"ready","checks":[{"name":"database","ok":true,"ms":2},)"
              R"({"name":"cache","ok":false,"ms":2,"error":"failed"}]}})");
    report.checks[0].error = "out of reach";
    const auto bad = to_response(report);
    EXPECT_EQ(bad.status, 503u);
    EXPECT_EQ(http::testing::field(bad, "Retry-After"), "1");
    EXPECT_EQ(http::testing::error_code(bad), "UNAVAILABLE");
    EXPECT_EQ(http::testing::error_message(bad), "not ready");
    EXPECT_EQ(http::testing::json_of(bad).at("error").at("details").as_array().size(), 2u);
    report.draining = true;
    EXPECT_EQ(http::testing::error_message(to_response(report)), "draining");
}

}  // namespace
}  // namespace pulse::dashboard
