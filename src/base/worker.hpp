#pragma once
// A small pool of threads for what blocks (database, password hashing, files). A coroutine awaits run() and
// goes on at home, on the event loop that awaited. The queue is bounded: beyond it, `unavailable`.
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/promise.hpp"
#include "base/result.hpp"

namespace pulse {

class Worker {
public:
    Worker(unsigned threads, std::size_t max_waiting);
    ~Worker();  // stop()
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // `job` returns a Result<T>; it may take the number of its thread (0 to threads-1), for what each thread
    // has of its own. An exception out of it becomes ErrorCode::internal.
    template <class F>
    auto run(F job) {
        using Outcome = typename Call<F>::Outcome;
        return await_promise<Outcome>([this, job = std::move(job)](Promise<Outcome> promise) mutable {
            submit(std::make_unique<JobOf<F, Outcome>>(std::move(job), std::move(promise)));
        });
    }

    // What runs is finished, what only waited is answered `unavailable`, then the threads end. Blocking.
    void stop();

    std::size_t waiting() const;

private:
    struct Job {
        virtual ~Job() = default;
        virtual void run(unsigned thread) = 0;
        virtual void refuse(Error error) = 0;
    };

    template <class F>
    struct Call {
        static constexpr bool wants_thread = std::is_invocable_v<F&, unsigned>;
        static auto invoke(F& job, unsigned thread) {
            if constexpr (wants_thread) {
                return job(thread);
            } else {
                return job();
            }
        }
        using Outcome = decltype(invoke(std::declval<F&>(), 0u));
    };

    template <class F, class Outcome>
    struct JobOf final : Job {
        JobOf(F j, Promise<Outcome> p) : job(std::move(j)), promise(std::move(p)) {}
        void run(unsigned thread) override { promise.set(outcome(thread)); }
        void refuse(Error error) override { promise.set(Outcome(std::move(error))); }
        Outcome outcome(unsigned thread) {
            try {
                return Call<F>::invoke(job, thread);
            } catch (const std::exception& failure) {
                return Error{ErrorCode::internal, failure.what()};
            }
        }
        F job;
        Promise<Outcome> promise;
    };

    void submit(std::unique_ptr<Job> job);
    void loop(unsigned thread);

    const std::size_t max_waiting_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<Job>> jobs_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace pulse
