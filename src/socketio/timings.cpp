#include "socketio/timings.hpp"

#include "socketio/shared.hpp"

namespace pulse::socketio {

EmitTimer EmitTimer::start(Shared& shared) {
    thread_local unsigned emits = 0;
    EmitTimer timer;
    if (emits++ % sampled_of != 0) return timer;
    timer.shared_ = shared.shared_from_this();
    timer.started_ = shared.now();
    return timer;
}

void EmitTimer::note_encoded() const { shared_->timings.encode.add(shared_->now() - started_); }

void EmitTimer::note_queued() const {
    // Behind the flush of the sockets that have just been marked for it.
    net::Shard::current()->post(
        [timer = *this] { timer.shared_->timings.delivery.add(timer.shared_->now() - timer.started_); });
}

}  // namespace pulse::socketio
