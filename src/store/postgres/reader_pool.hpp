#pragma once
// The threads that read, with one connection each. A coroutine awaits run() and goes on at home.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "base/promise.hpp"
#include "store/postgres/failure.hpp"
#include "store/postgres/job_queue.hpp"
#include "store/postgres/reads.hpp"
#include "store/postgres/thread_connection.hpp"

namespace pulse::store::postgres {

class ReaderPool {
public:
    ReaderPool(const ConnectionSettings& settings, Gate& gate, unsigned threads, std::size_t limit,
               Duration patience);
    ~ReaderPool();  // stop()
    ReaderPool(const ReaderPool&) = delete;
    ReaderPool& operator=(const ReaderPool&) = delete;

    // `job(Reads&)` returns a Result. It may run twice, if the connection is lost the first time.
    template <class F>
    auto run(F job) {
        using Outcome = std::invoke_result_t<F&, Reads&>;
        return await_promise<Outcome>([this, job = std::move(job)](Promise<Outcome> promise) mutable {
            auto done = [promise = std::move(promise)](Outcome outcome) mutable {
                promise.set(std::move(outcome));
            };
            post(std::move(job), std::move(done));
        });
    }

    // The same for somebody who does not wait: `done(Result)` is called on a thread of the pool.
    template <class F, class Done>
    void post(F job, Done done) {
        queue_.push(std::make_unique<JobOf<F, Done>>(std::move(job), std::move(done)));
    }

    // What runs is finished, what only waits is answered `unavailable`. Blocking.
    void stop();

    std::size_t waiting() const { return queue_.size(); }
    std::uint64_t reads() const { return reads_; }
    std::uint64_t errors() const { return errors_; }

private:
    struct Job {
        virtual ~Job() = default;
        virtual void run(Reads& reads) = 0;  // may throw; then nothing was delivered
        virtual void refuse(Error error) = 0;
        TimePoint deadline{};
    };
    template <class F, class Done>
    struct JobOf final : Job {
        using Outcome = std::invoke_result_t<F&, Reads&>;
        JobOf(F j, Done d) : job(std::move(j)), done(std::move(d)) {}
        void run(Reads& reads) override {
            auto outcome = job(reads);
            done(std::move(outcome));
        }
        void refuse(Error error) override { done(Outcome(std::move(error))); }
        F job;
        Done done;
    };

    void loop();
    void run_one(ThreadConnection<Reads>& session, Job& job);

    const ConnectionSettings& settings_;
    Gate& gate_;
    JobQueue<Job> queue_;
    std::atomic<std::uint64_t> reads_{0};
    std::atomic<std::uint64_t> errors_{0};
    std::atomic<bool> failing_{false};
    std::vector<std::thread> threads_;
};

}  // namespace pulse::store::postgres
