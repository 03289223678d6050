#include "redis/client.hpp"

#include <mutex>
#include <optional>
#include <variant>

#include "redis/commands.hpp"
#include "redis/subscriptions.hpp"

namespace pulse::redis {
namespace {

struct Say {
    std::optional<Command> command;  // none: refused already,
    std::string_view why;            // for this
    Duration patience;
    Place place;
    std::unique_ptr<Waiting> waiting;
};
struct Subscribe {
    Matching matching;
    std::string name;
    OnMessage message;
    std::function<void()> active;
};
struct Unsubscribe {
    Matching matching;
    std::string name;
};
using Order = std::variant<Say, Subscribe, Unsubscribe>;

}  // namespace

// What callers on other threads leave for the home shard, and the two connections there. Held by whatever
// is posted.
class Client::Core : public std::enable_shared_from_this<Core> {
public:
    Core(net::Shard& home, Target where, Options chosen)
        : target(std::move(where)),
          options(std::move(chosen)),
          counters(std::make_shared<Counters>()),
          commands(std::make_shared<Commands>(home, target, options, counters)),
          subscriptions(std::make_shared<Subscriptions>(home, target, options, counters)),
          home_(home) {}

    void leave(Order order) {
        bool closed = false;
        bool first = false;
        {
            const std::lock_guard lock(mutex_);
            closed = closed_;
            if (!closed) {
                inbox_.push_back(std::move(order));
                first = std::exchange(posted_, true) == false;
            }
        }
        // One crossing for all that is left until the shard comes to it.
        if (first) home_.post([self = shared_from_this()] { self->take(); });
        if (!closed) return;
        if (auto* const say = std::get_if<Say>(&order)) {
            commands->refuse(say->place, std::move(say->waiting), "shutting down");
        }
    }

    void submit(Command command, Duration patience, std::unique_ptr<Waiting> waiting) {
        ++counters->commands;
        const Place place{command.bytes().size(), true};
        const auto why = counters->take(place, options);
        if (why.empty()) return leave(Say{std::move(command), why, patience, place, std::move(waiting)});
        leave(Say{std::nullopt, why, patience, {}, std::move(waiting)});
    }

    void publish(Command command, std::unique_ptr<Waiting> waiting) {
        ++counters->commands;
        const Place place{command.bytes().size(), false};
        const auto why = counters->take(place, options);
        // Whoever publishes without end shall not fill the inbox with refusals.
        if (!why.empty()) return commands->refuse({}, std::move(waiting), std::string(why));
        leave(Say{std::move(command), why, Duration::max(), place, std::move(waiting)});
    }

    bool closed() const {
        const std::lock_guard lock(mutex_);
        return closed_;
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        commands->shut_down();
        subscriptions->shut_down();
        take();
    }

    const Target target;
    const Options options;
    const std::shared_ptr<Counters> counters;
    const std::shared_ptr<Commands> commands;
    const std::shared_ptr<Subscriptions> subscriptions;

private:
    void take() {
        std::vector<Order> orders;
        {
            const std::lock_guard lock(mutex_);
            orders.swap(inbox_);
            posted_ = false;
        }
        for (auto& order : orders) carry_out(std::move(order));
        commands->flush();
        subscriptions->flush();
    }

    void carry_out(Order order) {
        if (auto* const say = std::get_if<Say>(&order)) {
            if (say->command) {
                commands->submit(std::move(*say->command), say->patience, say->place,
                                 std::move(say->waiting));
            } else {
                commands->refuse(say->place, std::move(say->waiting), std::string(say->why));
            }
        } else if (auto* const subscribe = std::get_if<Subscribe>(&order)) {
            subscriptions->add(subscribe->matching, std::move(subscribe->name), std::move(subscribe->message),
                               std::move(subscribe->active));
        } else if (auto* const unsubscribe = std::get_if<Unsubscribe>(&order)) {
            subscriptions->remove(unsubscribe->matching, unsubscribe->name);
        }
    }

    net::Shard& home_;
    mutable std::mutex mutex_;
    std::vector<Order> inbox_;
    bool posted_ = false;
    bool closed_ = false;
};

Client::Client(net::Shard& home, Target target, Options options)
    : home_(home),
      deadline_(options.deadline),
      core_(std::make_shared<Core>(home, std::move(target), std::move(options))) {}

Client::~Client() {
    if (core_->closed()) return;
    // What is posted to a loop that has ended never runs, and nothing runs beside us then.
    if (home_.context().stopped()) {
        core_->stop();
    } else {
        home_.dispatch([core = core_] { core->stop(); });
    }
}

void Client::start() {
    home_.dispatch([core = core_] {
        if (!core->commands->stopped()) core->commands->start();
    });
}

void Client::stop() {
    const auto core = core_;  // an answer may let go of the client
    core->stop();
}

void Client::submit(Command command, Duration patience, std::unique_ptr<Waiting> waiting) {
    core_->submit(std::move(command), patience, std::move(waiting));
}

Task<Result<Reply>> Client::call(Command command) { return call(std::move(command), deadline_); }

Task<Result<Reply>> Client::call(Command command, Duration patience) {
    auto reply = co_await await_promise<Result<Reply>>([&](Promise<Result<Reply>> promise) {
        submit(std::move(command), patience,
               waiting_for([promise = std::move(promise)](Result<Reply> result) mutable {
                   promise.set(std::move(result));
               }));
    });
    co_return reply;
}

// EVALSHA first; the text only goes to a Redis that does not know it.
void Client::submit_script(const Script& script, Arguments keys, Arguments args, Duration patience,
                           std::unique_ptr<Waiting> waiting) {
    auto retry = [weak = std::weak_ptr(core_), patience, text = script.eval(keys, args),
                  waiting = std::move(waiting)](Result<Reply> reply) mutable {
        const auto core = weak.lock();
        if (core && !reply && reply.error().message.starts_with("NOSCRIPT")) {
            core->submit(std::move(text), patience, std::move(waiting));
        } else {
            waiting->answer(std::move(reply));
        }
    };
    submit(script.evalsha(keys, args), patience, waiting_for(std::move(retry)));
}

void Client::submit_publish(std::string_view channel, std::string_view payload,
                            std::unique_ptr<Waiting> waiting) {
    core_->publish({"PUBLISH", channel, payload}, std::move(waiting));
}

Task<Result<std::vector<std::uint64_t>>> Client::subscribers(std::vector<std::string> channels) {
    std::vector<std::string_view> words{"PUBSUB", "NUMSUB"};
    words.insert(words.end(), channels.begin(), channels.end());
    const auto reply = co_await call(Command(words));
    if (!reply) co_return reply.error();
    std::vector<std::uint64_t> counts(channels.size());
    if (!reply->is_list() || reply->list.size() != 2 * counts.size()) {
        co_return Error{ErrorCode::unavailable, "PUBSUB NUMSUB answered something else"};
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
        counts[i] = std::uint64_t(std::max<std::int64_t>(0, reply->list[2 * i + 1].integer));
    }
    co_return counts;
}

void Client::subscribe(std::string channel, OnMessage message, std::function<void()> active) {
    core_->leave(Subscribe{Matching::channel, std::move(channel), std::move(message), std::move(active)});
}
void Client::unsubscribe(std::string channel) {
    core_->leave(Unsubscribe{Matching::channel, std::move(channel)});
}
void Client::psubscribe(std::string pattern, OnMessage message, std::function<void()> active) {
    core_->leave(Subscribe{Matching::pattern, std::move(pattern), std::move(message), std::move(active)});
}
void Client::punsubscribe(std::string pattern) {
    core_->leave(Unsubscribe{Matching::pattern, std::move(pattern)});
}

void Client::on_commands(std::function<void(State)> watch) {
    core_->commands->watchers.push_back(std::move(watch));
}
void Client::on_subscriptions(std::function<void(State)> watch) {
    core_->subscriptions->watchers.push_back(std::move(watch));
}

bool Client::up() const { return core_->counters->up; }
bool Client::stalled() const { return core_->counters->stalled; }
const Target& Client::target() const { return core_->target; }
const Options& Client::options() const { return core_->options; }

Stats Client::stats() const {
    const auto& counters = *core_->counters;
    return {.up = counters.up,
            .commands = counters.commands,
            .failures = counters.failures,
            .timeouts = counters.timeouts,
            .reconnects = counters.reconnects,
            .messages = counters.messages,
            .in_flight = counters.in_flight,
            .subscriptions = counters.subscriptions,
            .refused = counters.refused};
}

}  // namespace pulse::redis
