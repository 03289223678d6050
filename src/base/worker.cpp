#include "base/worker.hpp"

namespace pulse {

Worker::Worker(unsigned threads, std::size_t max_waiting) : max_waiting_(max_waiting) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this, i] { loop(i); });
}

Worker::~Worker() { stop(); }

void Worker::stop() {
    std::deque<std::unique_ptr<Job>> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(jobs_);
    }
    wake_.notify_all();
    for (const auto& job : left) job->refuse({ErrorCode::unavailable, "shutting down"});
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t Worker::waiting() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size();
}

void Worker::submit(std::unique_ptr<Job> job) {
    std::unique_lock lock(mutex_);
    const bool stopping = stopping_;
    if (stopping || jobs_.size() >= max_waiting_) {
        lock.unlock();
        job->refuse({ErrorCode::unavailable, stopping ? "shutting down" : "too much is waiting already"});
        return;
    }
    jobs_.push_back(std::move(job));
    lock.unlock();
    wake_.notify_one();
}

void Worker::loop(unsigned thread) {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job->run(thread);
        job.reset();
        lock.lock();
    }
}

}  // namespace pulse
