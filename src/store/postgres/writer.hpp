#pragma once
// The threads that write, with one connection each, and group commit: what arrives while transactions are
// under way goes into the next one together. A group waits for the locks of others for an instant only, and
// if anything fails in it, each of its writes gets a transaction of its own: so one that fails, or has to
// wait, does not hurt the others. In between, the threads trim what is kept for a time only.
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/clock.hpp"
#include "base/promise.hpp"
#include "store/postgres/failure.hpp"
#include "store/postgres/job_queue.hpp"
#include "store/postgres/listener.hpp"
#include "store/postgres/thread_connection.hpp"
#include "store/postgres/writes.hpp"

namespace pulse::store::postgres {

class Writer {
public:
    struct Limits {
        unsigned threads = 4;
        std::size_t max_waiting = 10'000;
        Duration patience = 5s;
        std::size_t max_group = 64;      // writes in one transaction: it holds their tenants' rows
        std::size_t max_events = 8'192;  // or events
        Duration trim_interval = 30s;
    };

    Writer(const ConnectionSettings& settings, Gate& gate, Limits limits, const Clock& clock,
           Listener& listener);
    ~Writer();  // stop()
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // `job(Writes&, Touch&)` returns a Result; it runs in a transaction that is durable when this returns,
    // and may run several times before. `tenant`: whose data it writes.
    template <class F>
    auto run(UserId tenant, F job) {
        using Outcome = std::invoke_result_t<F&, Writes&, Touch&>;
        return await_promise<Outcome>([this, tenant, job = std::move(job)](Promise<Outcome> promise) mutable {
            queue_.push(std::make_unique<JobOf<F, Outcome>>(tenant, std::move(job), std::move(promise)));
        });
    }
    Task<Result<std::vector<ActivityOutcome>>> record(std::vector<ActivityEvent> events);

    // Writes what waits, as long as it may wait, then ends. Blocking.
    void stop();

    std::size_t waiting() const { return queue_.size(); }
    std::uint64_t writes() const { return writes_; }
    std::uint64_t transactions() const { return transactions_; }
    std::uint64_t errors() const { return errors_; }

private:
    struct Activity;
    struct Job {
        virtual ~Job() = default;
        virtual bool run(Writes& writes) = 0;  // false: returned an Error, nothing was changed
        virtual void deliver() = 0;
        virtual void refuse(Error error) = 0;
        virtual Activity* activity() { return nullptr; }
        TimePoint deadline{};
        UserId tenant;  // jobs of a group run in this order
        Touch touch;
    };
    using Jobs = JobQueue<Job>::Jobs;
    using Waiting = JobQueue<Job>::Waiting;

    template <class F, class Outcome>
    struct JobOf final : Job {
        JobOf(UserId t, F j, Promise<Outcome> p) : job(std::move(j)), promise(std::move(p)) {
            this->tenant = t;
        }
        bool run(Writes& writes) override {
            outcome.emplace(job(writes, this->touch));
            return outcome->has_value();
        }
        void deliver() override {
            if constexpr (requires { (*outcome)->version; }) {
                if (outcome->has_value()) (*outcome)->version = this->touch.version;
            }
            promise.set(std::move(*outcome));
        }
        void refuse(Error error) override { promise.set(Outcome(std::move(error))); }
        F job;
        Promise<Outcome> promise;
        std::optional<Outcome> outcome;
    };

    enum class Attempt { done, apart };  // apart: each write by itself may succeed

    void loop();
    Jobs choose(Waiting& waiting);  // under the queue's lock
    void write(ThreadConnection<Writes>& session, std::vector<Job*> jobs);
    Attempt transact(ThreadConnection<Writes>& session, const std::vector<Job*>& jobs);
    // One transaction, committed when this returns.
    void perform(Writes& writes, const std::vector<Job*>& jobs, bool& committing);
    void fail(const std::vector<Job*>& jobs, const Failure& failure);
    void trim_if_due(ThreadConnection<Writes>& session);

    const ConnectionSettings& settings_;
    Gate& gate_;
    const Limits limits_;
    const Clock& clock_;
    Listener& listener_;
    JobQueue<Job> queue_;
    // A group of activity is under way; under the queue's lock. A second one would mostly wait for the same
    // rows, and what waits here instead goes into the next group.
    bool counting_ = false;
    std::atomic<Duration::rep> trim_at_;
    std::atomic<bool> failing_{false};
    std::atomic<std::uint64_t> writes_{0};
    std::atomic<std::uint64_t> transactions_{0};
    std::atomic<std::uint64_t> errors_{0};
    std::vector<std::thread> threads_;
};

}  // namespace pulse::store::postgres
