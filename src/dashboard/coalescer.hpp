#pragma once
// Conflation of a state: at most one update per gap, the first at once, the last never lost. Pure: time is
// passed in.
#include <optional>

#include "base/clock.hpp"

namespace pulse::dashboard {

class Coalescer {
public:
    explicit Coalescer(Duration gap) : gap_(gap) {}

    void offer() { pending_ = true; }      // the state changed
    void withdraw() { pending_ = false; }  // the state is again the one that was sent
    bool pending() const { return pending_; }
    // True: send the current state now; the next update waits for a gap from here.
    bool take(TimePoint now) {
        if (!pending_ || now < next_) return false;
        pending_ = false;
        next_ = now + gap_;
        return true;
    }
    // When take() will say yes; nullopt if nothing is pending.
    std::optional<TimePoint> due() const { return pending_ ? std::optional(next_) : std::nullopt; }
    // Nothing pending and the gap is over: forgetting this coalescer changes nothing.
    bool idle(TimePoint now) const { return !pending_ && now >= next_; }

private:
    Duration gap_;
    TimePoint next_{};
    bool pending_ = false;
};

}  // namespace pulse::dashboard
