#pragma once
// How long emitting takes, measured of one emit in 16 on each thread: reading the clock twice would be felt
// in each. Any thread.
#include <memory>

#include "base/histogram.hpp"
#include "net/shard.hpp"

namespace pulse::socketio {

struct Shared;

struct Timings {
    Histogram encode;    // from emit() to the frames
    Histogram delivery;  // from emit() to the writes of a shard with recipients, once per such shard
};

// One emit. Copied along with what it emits.
class EmitTimer {
public:
    static constexpr unsigned sampled_of = 16;

    EmitTimer() = default;  // measures nothing
    static EmitTimer start(Shared& shared);
    void encoded() const {
        if (shared_) note_encoded();
    }
    // On the recipients' shard, after it was queued for them.
    void queued() const {
        if (shared_) note_queued();
    }

private:
    void note_encoded() const;
    void note_queued() const;

    std::shared_ptr<Shared> shared_;  // none: not one of those that are measured
    TimePoint started_{};
};

}  // namespace pulse::socketio
