#pragma once
// The schema, brought up to date as the server starts. A database that is out of reach then is waited for
// in the background, so that a node that came up before its database serves as soon as it can: until then
// /ready says so, and requests are answered 503. Used by one thread; state() by any.
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace pulse::app {

class SchemaMigration {
public:
    // `migrate` is the store's. Waits `first_retry` before it tries again, then longer, up to `last_retry`.
    SchemaMigration(std::function<Result<void>()> migrate, Duration first_retry, Duration last_retry);
    ~SchemaMigration();  // stop()

    // Blocking. An error is one that waiting does not mend.
    Result<void> start();
    void stop();
    // Whether the schema is in place.
    Result<void> state() const;

private:
    void retry();

    const std::function<Result<void>()> migrate_;
    const Duration first_retry_;
    const Duration last_retry_;
    std::atomic<bool> waiting_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;  // under the mutex
    std::thread thread_;
};

}  // namespace pulse::app
