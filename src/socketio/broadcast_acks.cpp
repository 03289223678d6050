#include "socketio/broadcast_acks.hpp"

#include <exception>
#include <utility>

#include "base/log.hpp"

namespace pulse::socketio {

void BroadcastAcks::expect_count() {
    const std::lock_guard lock(mutex_);
    ++uncounted_;
}

void BroadcastAcks::counted(std::size_t asked) {
    std::unique_lock lock(mutex_);
    asked_ += asked;
    --uncounted_;
    call_if_complete(std::move(lock));
}

void BroadcastAcks::answered(std::optional<Args> answer) {
    std::unique_lock lock(mutex_);
    ++answered_;
    if (answer && done_) answers_.push_back(std::move(*answer));
    call_if_complete(std::move(lock));
}

void BroadcastAcks::unanswered(std::size_t sockets) {
    std::unique_lock lock(mutex_);
    answered_ += sockets;
    call_if_complete(std::move(lock));
}

void BroadcastAcks::call_if_complete(std::unique_lock<std::mutex> lock) {
    if (uncounted_ > 0 || answered_ < asked_) return;
    const Done done = std::exchange(done_, nullptr);
    lock.unlock();
    if (!done) return;
    try {
        done(std::move(answers_), asked_);
    } catch (const std::exception& error) {
        // Not the fault of the socket that happened to answer last.
        log::error("socket.io: the callback of a broadcast threw: {}", error.what());
    } catch (...) {
        log::error("socket.io: the callback of a broadcast threw");
    }
}

}  // namespace pulse::socketio
