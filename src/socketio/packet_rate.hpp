#pragma once
// How many packets one connection may send: so many per second in the long run, and so many at once after a
// pause. Told in one number: when what came so far would have come at the steady rate. Pure: time is passed
// in.
#include <algorithm>

#include "base/clock.hpp"

namespace pulse::socketio {

class PacketRate {
public:
    // False: this one is too many. 0 per second: any number is allowed.
    bool take(TimePoint now, unsigned per_second, unsigned burst) {
        if (per_second == 0) return true;
        const Duration gap = std::chrono::duration_cast<Duration>(std::chrono::seconds(1)) / per_second;
        const TimePoint paid = (paid_until_ > now ? paid_until_ : now) + gap;
        if (paid - now > gap * std::max(1u, burst)) return false;
        paid_until_ = paid;
        return true;
    }

private:
    TimePoint paid_until_{};
};

}  // namespace pulse::socketio
