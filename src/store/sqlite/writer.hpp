#pragma once
// The one thread that writes, with group commit: what arrives while a transaction is being committed goes
// into the next one together, so many callers share the cost of one fsync. Each write has a savepoint of its
// own; one that fails is undone alone. When nothing waits, the thread trims what is kept for a time only.
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/promise.hpp"
#include "store/sqlite/failure.hpp"
#include "store/sqlite/writes.hpp"

namespace pulse::store::sqlite {

class Writer {
public:
    struct Limits {
        std::size_t max_waiting = 10'000;
        std::size_t max_batch = 256;         // writes in one transaction
        std::size_t max_batch_cost = 8'192;  // and rows, roughly: a batch must not make the next wait long
        std::chrono::milliseconds trim_interval{30'000};
    };

    Writer(ConnectionSettings settings, Limits limits, const Clock& clock, Feed& feed);
    ~Writer();  // stop()
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // `job(Writes&)` returns a Result; it runs in a transaction that is durable when this returns.
    template <class F>
    auto run(F job, std::size_t cost = 1) {
        using Outcome = std::invoke_result_t<F&, Writes&>;
        return await_promise<Outcome>([this, job = std::move(job), cost](Promise<Outcome> promise) mutable {
            submit(std::make_unique<JobOf<F, Outcome>>(std::move(job), cost, std::move(promise)));
        });
    }

    // Writes what waits, then ends. Blocking, but no longer than one busy timeout for locks of other
    // processes: what could not be written by then fails with unavailable.
    void stop();

    std::size_t waiting() const;
    std::uint64_t writes() const { return writes_; }
    std::uint64_t transactions() const { return transactions_; }
    std::uint64_t errors() const { return errors_; }

private:
    struct Job {
        explicit Job(std::size_t c) : cost(c) {}
        virtual ~Job() = default;
        virtual bool run(Writes& writes) = 0;  // false: returned an Error, undo it
        virtual void fail(const Error& error) = 0;
        virtual void deliver() = 0;
        const std::size_t cost;
    };

    template <class F, class Outcome>
    struct JobOf final : Job {
        JobOf(F j, std::size_t c, Promise<Outcome> p) : Job(c), job(std::move(j)), promise(std::move(p)) {}
        bool run(Writes& writes) override {
            outcome.emplace(job(writes));
            return outcome->has_value();
        }
        void fail(const Error& error) override { outcome.emplace(error); }
        void deliver() override { promise.set(std::move(*outcome)); }
        F job;
        Promise<Outcome> promise;
        std::optional<Outcome> outcome;
    };

    using Batch = std::vector<std::unique_ptr<Job>>;
    using StopBy = std::optional<std::chrono::steady_clock::time_point>;

    void submit(std::unique_ptr<Job> job);
    void loop();
    Batch take_batch();  // with mutex_ held
    void write(Batch& batch, StopBy stop_by);
    void run_one(Job& job);
    void open();  // unless it is
    void refuse(Job& job, const char* why);
    void fail_all(Batch& batch, const Failure& failure);
    void trim_if_due();
    void note(const Error& error);

    const ConnectionSettings settings_;
    const Limits limits_;
    const Clock& clock_;
    Feed& feed_;
    std::unique_ptr<Writes> writes_on_;  // nullptr: to be opened
    bool failing_ = false;
    std::chrono::steady_clock::time_point trim_at_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<Job>> jobs_;
    bool stopping_ = false;
    StopBy stop_by_;  // when stopping: how long locks are waited for
    std::atomic<std::uint64_t> writes_{0};
    std::atomic<std::uint64_t> transactions_{0};
    std::atomic<std::uint64_t> errors_{0};
    std::thread thread_;
};

}  // namespace pulse::store::sqlite
