#pragma once
// How long to wait before the next attempt: doubled each time, up to a bound, and spread by chance, so that
// many nodes do not come back in step. Pure.
#include <algorithm>

#include "base/clock.hpp"

namespace pulse::redis {

class Backoff {
public:
    Backoff(Duration first, Duration longest) : first_(first), longest_(longest), pause_(first) {}

    // `chance` is 0 to 1: the upper half of the pause is left to it.
    Duration next(double chance) {
        const Duration pause = std::min(pause_, longest_);
        pause_ = std::min(pause * 2, longest_);
        return pause / 2 + Duration(Duration::rep(double(pause.count()) / 2 * chance));
    }
    void reset() { pause_ = first_; }

private:
    const Duration first_;
    const Duration longest_;
    Duration pause_;
};

}  // namespace pulse::redis
