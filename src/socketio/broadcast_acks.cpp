#include "socketio/broadcast_acks.hpp"

#include <exception>

#include "base/log.hpp"

namespace pulse::socketio {

void BroadcastAcks::asked() {
    const std::lock_guard lock(mutex_);
    ++asked_;
    ++open_;
}

void BroadcastAcks::answered(std::optional<Args> answer) {
    std::unique_lock lock(mutex_);
    if (answer) answers_.push_back(std::move(*answer));
    close_one(std::move(lock));
}

void BroadcastAcks::shard_finished() { close_one(std::unique_lock(mutex_)); }

void BroadcastAcks::close_one(std::unique_lock<std::mutex> lock) {
    if (--open_ > 0) return;
    lock.unlock();
    try {
        done_(std::move(answers_), asked_);
    } catch (const std::exception& error) {
        // Not the fault of the socket that happened to answer last.
        log::error("socket.io: the callback of a broadcast threw: {}", error.what());
    } catch (...) {
        log::error("socket.io: the callback of a broadcast threw");
    }
}

}  // namespace pulse::socketio
