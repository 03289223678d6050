#pragma once
// Runs one task to its end on an event loop of its own: how a command, which has no shards, calls the
// store. Blocks; throws what the task throws.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "base/task.hpp"

namespace pulse::app {

template <class T>
T run_task(boost::asio::io_context& context, Task<T> task) {
    std::optional<T> result;
    std::exception_ptr failure;
    // The task waits for other threads, which the loop does not know of.
    auto work = boost::asio::make_work_guard(context);
    boost::asio::co_spawn(context, std::move(task), [&](const std::exception_ptr& thrown, T value) {
        failure = thrown;
        result = std::move(value);
        work.reset();
    });
    context.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

}  // namespace pulse::app
