#pragma once
// Timers of one shard: any number of them on one clock wait. A Timer is a member of what it times out, so
// arming one allocates a tree node and no Asio operation. Touched only on its shard; a timer that is not
// armed may be destroyed anywhere.
#include <functional>
#include <map>

#include "base/clock.hpp"

namespace pulse::net {

class Timer;

// The pure part: which timers are due. The shard waits for next_due() and then calls run_due().
class Timers {
public:
    explicit Timers(const Clock& clock) : clock_(clock) {}
    Timers(const Timers&) = delete;

    TimePoint now() const { return clock_.now(); }
    // When the earliest armed timer is due; TimePoint::max() if none is.
    TimePoint next_due() const;
    // Calls what is due by now, earliest first. A callback may arm, cancel and destroy any timer, its own
    // included.
    void run_due();
    // The same from within the handling of something else, which then finds the world as it is at its time: a
    // deadline that has passed comes before the bytes that arrived after it, though the loop saw both at
    // once. Does nothing from within a timer's callback.
    void run_overdue();
    // Called whenever next_due() became earlier, except from within run_due(); set by the shard.
    std::function<void()> on_earlier;

private:
    friend class Timer;
    using Queue = std::multimap<TimePoint, Timer*>;
    const Clock& clock_;
    Queue queue_;
    Timer* called_ = nullptr;  // whose callback runs; nullptr once it was destroyed by it
    bool running_ = false;
};

class Timer {
public:
    Timer(Timers& timers, std::function<void()> callback);
    ~Timer();
    Timer(const Timer&) = delete;

    void arm(Duration after);  // replaces an earlier deadline
    void cancel();
    bool armed() const { return armed_; }

private:
    friend class Timers;
    Timers& timers_;
    std::function<void()> callback_;
    Timers::Queue::iterator place_{};
    bool armed_ = false;
    bool calling_ = false;
};

}  // namespace pulse::net
