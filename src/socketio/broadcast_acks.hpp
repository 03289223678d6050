#pragma once
// The answers to one broadcast, from sockets of several shards. Any thread. Calls `done` once, when each
// shard has said whom it asked and everybody asked has answered, left or run out of time.
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "socketio/value.hpp"

namespace pulse::socketio {

class BroadcastAcks {
public:
    using Done = std::function<void(std::vector<Args>, std::size_t asked)>;
    BroadcastAcks(unsigned shards, Done done) : open_(shards), done_(std::move(done)) {}

    void asked();                               // one more socket
    void answered(std::optional<Args> answer);  // by one of them; nullopt: none came
    void shard_finished();                      // it has asked all its sockets

private:
    void close_one(std::unique_lock<std::mutex> lock);
    std::mutex mutex_;
    std::size_t open_;  // shards that still ask, and sockets that still owe an answer
    std::size_t asked_ = 0;
    std::vector<Args> answers_;
    Done done_;
};

}  // namespace pulse::socketio
