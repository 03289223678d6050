#include "net/timers.hpp"

#include <utility>

namespace pulse::net {

TimePoint Timers::next_due() const { return queue_.empty() ? TimePoint::max() : queue_.begin()->first; }

void Timers::run_due() {
    const TimePoint due = clock_.now();
    running_ = true;
    // What callbacks arm is not run in the same call beyond this count, so that one which arms itself for
    // "now" cannot hold the loop.
    for (std::size_t left = queue_.size(); left > 0 && !queue_.empty(); --left) {
        const auto first = queue_.begin();
        if (first->first > due) break;
        Timer* const timer = first->second;
        queue_.erase(first);
        timer->armed_ = false;
        // Out of the timer while it runs: the callback may destroy the timer and with it itself.
        auto callback = std::move(timer->callback_);
        called_ = timer;
        timer->calling_ = true;
        callback();
        if (called_) {
            called_->callback_ = std::move(callback);
            called_->calling_ = false;
            called_ = nullptr;
        }
    }
    running_ = false;
}

void Timers::run_overdue() {
    if (running_ || next_due() > clock_.now()) return;
    run_due();
    if (on_earlier) on_earlier();  // run_due() leaves waiting for what its callbacks armed to its caller
}

Timer::Timer(Timers& timers, std::function<void()> callback)
    : timers_(timers), callback_(std::move(callback)) {}

Timer::~Timer() {
    cancel();
    // Only its own shard may destroy a timer that is armed or being called; a disarmed one any thread.
    if (calling_) timers_.called_ = nullptr;
}

void Timer::arm(Duration after) {
    const TimePoint due = timers_.now() + after;
    if (armed_) {
        auto node = timers_.queue_.extract(place_);
        node.key() = due;
        place_ = timers_.queue_.insert(std::move(node));
    } else {
        place_ = timers_.queue_.emplace(due, this);
        armed_ = true;
    }
    if (!timers_.running_ && place_ == timers_.queue_.begin() && timers_.on_earlier) timers_.on_earlier();
}

void Timer::cancel() {
    if (!armed_) return;
    timers_.queue_.erase(place_);
    armed_ = false;
}

}  // namespace pulse::net
