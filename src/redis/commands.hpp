#pragma once
// The connection for commands: written as they come, answered in the same order. Lives on its shard.
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "redis/announcer.hpp"
#include "redis/command.hpp"
#include "redis/connection.hpp"
#include "redis/counters.hpp"
#include "redis/waiting.hpp"

namespace pulse::redis {

class Commands final : public Connection {
public:
    Commands(net::Shard& home, const Target& target, const Options& options,
             std::shared_ptr<Counters> counters);

    // The caller has taken the place, which is given back with the answer, and flushes when it has no more.
    void submit(Command command, Duration patience, Place place, std::unique_ptr<Waiting> waiting);
    using Connection::flush;
    // Any thread. Counts the failure as well.
    void refuse(Place place, std::unique_ptr<Waiting> waiting, std::string why);
    void shut_down();

private:
    struct Slot {
        std::unique_ptr<Waiting> waiting;  // nullptr: gave up, or a sign of life
        TimePoint due;
        Place place;
    };
    struct Early {
        Command command;
        Slot slot;
    };

    void connected() override;
    void disconnected(const Loss& loss) override;
    void received(Reply reply) override;
    void heartbeat() override;

    void send(const Command& command, Slot slot);
    void fail_all(const std::string& why);
    void give_up_overdue();
    void expect_by(TimePoint due);

    const std::shared_ptr<Counters> counters_;
    Announcer announcer_;
    std::deque<Slot> sent_;
    // While a connection may be there any moment: at the start, and after the loss of one that worked.
    bool hopeful_ = true;
    bool known_lost_ = false;
    bool was_connected_ = false;
    std::deque<Early> early_;
    std::string why_down_;
    TimePoint next_due_ = TimePoint::max();
    net::Timer patience_;
};

}  // namespace pulse::redis
