#pragma once
// What waits for a thread of the pool: bounded in number and in time. Who waited too long is answered
// `unavailable` at once, by a thread of the queue's own, also while every worker hangs. Any thread.
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace pulse::store::postgres {

// Job has `TimePoint deadline`, which the queue sets, and `refuse(Error)`.
template <class Job>
class JobQueue {
public:
    using Jobs = std::vector<std::unique_ptr<Job>>;
    using Waiting = std::deque<std::unique_ptr<Job>>;  // the first has waited longest

    JobQueue(std::size_t limit, Duration patience)
        : limit_(limit), patience_(patience), reaper_([this] { reap(); }) {}
    ~JobQueue() {
        stop();
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        overdue_.notify_all();
        reaper_.join();
    }
    JobQueue(const JobQueue&) = delete;
    JobQueue& operator=(const JobQueue&) = delete;

    void push(std::unique_ptr<Job> job) {
        const char* why = nullptr;
        bool first = false;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) {
                why = "the store has stopped";
            } else if (jobs_.size() >= limit_) {
                why = "too much is waiting for the database";
            } else {
                job->deadline = std::chrono::steady_clock::now() + patience_;
                first = jobs_.empty();
                jobs_.push_back(std::move(job));
            }
        }
        if (why) {
            job->refuse({ErrorCode::unavailable, why});
            return;
        }
        wake_.notify_one();
        if (first) overdue_.notify_one();
    }

    // Waits until choose(queue) takes something out of the queue, and returns that. Empty: stopped, and
    // nothing is left; or it is `until`.
    template <class Choose>
    Jobs take(Choose choose, TimePoint until = TimePoint::max()) {
        std::unique_lock lock(mutex_);
        while (true) {
            if (!jobs_.empty()) {
                auto taken = choose(jobs_);
                if (!taken.empty()) return taken;
            } else if (stopping_) {
                return {};
            }
            if (until == TimePoint::max()) {
                wake_.wait(lock);
            } else if (wake_.wait_until(lock, until) == std::cv_status::timeout) {
                return {};
            }
        }
    }
    // What choose() would not take before, it may take now. `change` runs under the queue's lock, as
    // choose() does.
    template <class Change>
    void choose_again(Change change) {
        {
            const std::lock_guard lock(mutex_);
            change();
        }
        wake_.notify_all();
    }

    // Nothing is accepted any more; what waits is still handed out.
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
    }
    // Answers what waits with `unavailable`.
    void refuse_all() {
        Waiting left;
        {
            const std::lock_guard lock(mutex_);
            left.swap(jobs_);
        }
        for (auto& job : left) job->refuse({ErrorCode::unavailable, "the store has stopped"});
    }

    bool stopped() const {
        const std::lock_guard lock(mutex_);
        return stopping_;
    }
    std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return jobs_.size();
    }

private:
    // All wait equally long, so the first is the next to be overdue.
    void reap() {
        std::unique_lock lock(mutex_);
        while (!ended_) {
            if (jobs_.empty()) {
                overdue_.wait(lock);
                continue;
            }
            const auto deadline = jobs_.front()->deadline;
            if (std::chrono::steady_clock::now() < deadline) {
                overdue_.wait_until(lock, deadline);
                continue;
            }
            auto job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job->refuse({ErrorCode::unavailable, "waited too long for a connection to the database"});
            job.reset();
            lock.lock();
        }
    }

    const std::size_t limit_;
    const Duration patience_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable overdue_;
    Waiting jobs_;
    bool stopping_ = false;
    bool ended_ = false;
    std::thread reaper_;
};

}  // namespace pulse::store::postgres
