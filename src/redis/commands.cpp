#include "redis/commands.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace pulse::redis {

Commands::Commands(net::Shard& home, const Target& target, const Options& options,
                   std::shared_ptr<Counters> counters)
    : Connection(home, target, options, options.name),
      counters_(std::move(counters)),
      announcer_("redis " + target.to_string() +
                 (options.purpose.empty() ? "" : " (" + options.purpose + ")")),
      patience_(home.timers(), [this] {
          const auto self = shared_from_this();  // an answer may let go of the client
          give_up_overdue();
      }) {}

void Commands::submit(Command command, Duration patience, Place place, std::unique_ptr<Waiting> waiting) {
    if (stopped()) return refuse(place, std::move(waiting), "shutting down");
    if (!up() && !hopeful_) {
        return refuse(place, std::move(waiting), "Redis is out of reach: " + why_down_);
    }
    Slot slot{std::move(waiting), TimePoint::max(), place};
    if (slot.waiting && patience != Duration::max()) {
        slot.due = home_.clock().now() + patience;
        expect_by(slot.due);
    }
    if (up()) {
        send(command, std::move(slot));
    } else {
        early_.push_back({std::move(command), std::move(slot)});
    }
}

void Commands::send(const Command& command, Slot slot) {
    sent_.push_back(std::move(slot));
    write(command.bytes(), 1);
}

void Commands::refuse(Place place, std::unique_ptr<Waiting> waiting, std::string why) {
    counters_->give_back(place);
    if (!waiting) return;  // counted when it gave up, or a sign of life
    ++counters_->failures;
    answer(*waiting, Error{ErrorCode::unavailable, std::move(why)});
}

void Commands::connected() {
    announcer_.up();
    if (std::exchange(was_connected_, true)) ++counters_->reconnects;
    known_lost_ = false;
    counters_->up = true;
    for (auto& early : std::exchange(early_, {})) send(early.command, std::move(early.slot));
    tell(State::up);
}

void Commands::disconnected(const Loss& loss) {
    announcer_.lost(loss.why, loss.was_up);
    counters_->up = false;
    why_down_ = loss.why;
    hopeful_ = loss.was_up && !loss.silent;
    fail_all("the connection to Redis was lost: " + loss.why);
    if (std::exchange(known_lost_, true)) return;
    tell(State::lost);
}

void Commands::fail_all(const std::string& why) {
    // Out of the queues first: an answer may lead to anything.
    auto sent = std::exchange(sent_, {});
    auto early = hopeful_ && !stopped() ? std::deque<Early>() : std::exchange(early_, {});
    counters_->stalled = false;
    for (auto& slot : sent) refuse(slot.place, std::move(slot.waiting), why);
    for (auto& [command, slot] : early) refuse(slot.place, std::move(slot.waiting), why);
}

void Commands::shut_down() {
    counters_->up = false;
    patience_.cancel();
    stop();
    fail_all("shutting down");
}

void Commands::received(Reply reply) {
    answered();
    if (sent_.empty()) return drop("an answer to nothing");
    auto waiting = std::move(sent_.front().waiting);
    counters_->give_back(sent_.front().place);
    sent_.pop_front();
    counters_->stalled = false;
    // After a failover the name may lead to the new primary.
    if (reply.is_error() && reply.text.starts_with("READONLY")) drop("it is a replica that takes no writes");
    if (!waiting) return;
    if (!reply.is_error()) return answer(*waiting, std::move(reply));
    // A script that Redis does not have yet is sent then, which is no failure.
    if (!reply.text.starts_with("NOSCRIPT")) ++counters_->failures;
    answer(*waiting, Error{ErrorCode::unavailable, std::move(reply.text)});
}

void Commands::heartbeat() {
    const Place place{.bytes = 0, .counts = true};
    ++counters_->in_flight;
    send({"PING"}, {nullptr, TimePoint::max(), place});
}

void Commands::expect_by(TimePoint due) {
    if (due >= next_due_) return;
    next_due_ = due;
    patience_.arm(due - home_.clock().now());
}

// Due times are looked at only when the earliest of those that were waited for has come, which is seldom:
// most answers come long before.
void Commands::give_up_overdue() {
    const TimePoint now = home_.clock().now();
    next_due_ = TimePoint::max();
    TimePoint next = TimePoint::max();
    std::vector<std::unique_ptr<Waiting>> overdue;
    const auto look_at = [&](Slot& slot) {
        if (!slot.waiting) return;
        if (slot.due <= now) {
            overdue.push_back(std::move(slot.waiting));
        } else {
            next = std::min(next, slot.due);
        }
    };
    for (auto& slot : sent_) look_at(slot);
    for (auto& early : early_) look_at(early.slot);
    std::erase_if(early_, [this](const Early& early) {
        if (early.slot.waiting) return false;
        counters_->give_back(early.slot.place);
        return true;
    });
    if (next != TimePoint::max()) expect_by(next);
    counters_->stalled = up() && !overdue.empty();
    counters_->timeouts += overdue.size();
    counters_->failures += overdue.size();
    for (auto& waiting : overdue) {
        answer(*waiting, Error{ErrorCode::unavailable, "Redis did not answer in time"});
    }
}

}  // namespace pulse::redis
