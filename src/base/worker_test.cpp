#include "base/worker.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <stdexcept>

namespace pulse {
namespace {

struct Seen {
    std::vector<Result<int>> results;
    std::vector<std::thread::id> homes;
};

Task<> call(Worker& worker, Seen& seen, std::function<Result<int>()> job) {
    auto result = co_await worker.run(std::move(job));
    seen.homes.push_back(std::this_thread::get_id());
    seen.results.push_back(std::move(result));
}

void start(boost::asio::io_context& loop, Task<> task) {
    boost::asio::co_spawn(loop, std::move(task), [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
}

TEST(Worker, runs_the_job_elsewhere_and_resumes_the_caller_at_home) {
    boost::asio::io_context loop;
    Worker worker(2, 10);
    Seen seen;
    std::thread::id elsewhere;
    start(loop, call(worker, seen, [&]() -> Result<int> {
              elsewhere = std::this_thread::get_id();
              return 7;
          }));
    loop.run();
    ASSERT_EQ(seen.results.size(), 1u);
    EXPECT_EQ(*seen.results[0], 7);
    EXPECT_EQ(seen.homes[0], std::this_thread::get_id());
    EXPECT_NE(elsewhere, std::this_thread::get_id());
}

TEST(Worker, makes_an_error_of_an_exception) {
    boost::asio::io_context loop;
    Worker worker(1, 10);
    Seen seen;
    start(loop, call(worker, seen, []() -> Result<int> { throw std::runtime_error("broken"); }));
    loop.run();
    ASSERT_TRUE(seen.results.at(0).has_error());
    EXPECT_EQ(seen.results[0].error().code, ErrorCode::internal);
    EXPECT_EQ(seen.results[0].error().message, "broken");
}

TEST(Worker, refuses_what_its_queue_cannot_hold_and_everything_after_stop) {
    boost::asio::io_context loop;
    Worker worker(1, 1);
    Seen seen;
    std::promise<void> running;
    std::promise<void> go;
    start(loop, call(worker, seen, [&]() -> Result<int> {
              running.set_value();
              go.get_future().wait();
              return 1;
          }));
    loop.poll();
    running.get_future().wait();
    for (int i = 2; i < 4; ++i) start(loop, call(worker, seen, [i]() -> Result<int> { return i; }));
    loop.poll();
    loop.poll();
    ASSERT_EQ(seen.results.size(), 1u) << "one runs, one waits, the third is refused";
    EXPECT_EQ(seen.results[0].error().code, ErrorCode::unavailable);
    go.set_value();
    loop.run();
    EXPECT_EQ(seen.results.size(), 3u);
    worker.stop();
    loop.restart();
    start(loop, call(worker, seen, []() -> Result<int> { return 4; }));
    loop.run();
    EXPECT_EQ(seen.results.back().error().code, ErrorCode::unavailable);
}

TEST(Worker, may_finish_after_the_loop_of_its_caller_has_stopped) {
    auto loop = std::make_unique<boost::asio::io_context>();
    Worker worker(1, 10);
    Seen seen;
    std::promise<void> go;
    start(*loop, call(worker, seen, [&]() -> Result<int> {
        go.get_future().wait();
        return 1;
    }));
    loop->poll();
    loop->stop();
    go.set_value();
    worker.stop();
    loop.reset();  // destroys the coroutine that never went on
    EXPECT_TRUE(seen.results.empty());
}

}  // namespace
}  // namespace pulse
