#pragma once
// The answers to one broadcast, from sockets of several shards and nodes. Any thread. Calls `done` once,
// when everybody who asks has said how many sockets were asked, and all of those have answered, left or run
// out of time. An answer may come before the number that it is one of.
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "socketio/value.hpp"

namespace pulse::socketio {

class BroadcastAcks {
public:
    using Done = std::function<void(std::vector<Args>, std::size_t asked)>;
    explicit BroadcastAcks(Done done) : done_(std::move(done)) {}

    void expect_count();                        // somebody will call counted()
    void counted(std::size_t asked);            // sockets that will answer
    void answered(std::optional<Args> answer);  // by one of them; nullopt: none came
    void unanswered(std::size_t sockets);       // none came, by many

private:
    void call_if_complete(std::unique_lock<std::mutex> lock);
    std::mutex mutex_;
    std::size_t uncounted_ = 0;
    std::size_t asked_ = 0;
    std::size_t answered_ = 0;
    std::vector<Args> answers_;
    Done done_;
};

}  // namespace pulse::socketio
