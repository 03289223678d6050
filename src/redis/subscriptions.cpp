#include "redis/subscriptions.hpp"

#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "redis/command.hpp"

namespace pulse::redis {
namespace {

constexpr std::size_t names_per_command = 1000;
constexpr std::size_t most_told = 10;  // of what Redis refuses; the rest is in the counters

std::string_view verb(Matching matching) {
    return matching == Matching::channel ? "SUBSCRIBE" : "PSUBSCRIBE";
}

}  // namespace

Subscriptions::Subscriptions(net::Shard& home, const Target& target, const Options& options,
                             std::shared_ptr<Counters> counters)
    : Connection(home, target, options, options.name + "-subscriber"),
      counters_(std::move(counters)),
      announcer_("redis " + target.to_string() + " (subscriptions)") {}

void Subscriptions::add(Matching matching, std::string name, OnMessage message,
                        std::function<void()> active) {
    if (stopped()) return;
    auto& entry = entries(matching)[name];
    if (!entry) ++counters_->subscriptions;
    entry = std::make_shared<const Entry>(Entry{std::move(message), std::move(active)});
    if (up()) subscribe(matching, {std::move(name)});
    if (!std::exchange(started_, true)) start();
}

void Subscriptions::remove(Matching matching, const std::string& name) {
    if (stopped() || entries(matching).erase(name) == 0) return;
    --counters_->subscriptions;
    no_longer_refused(matching, name);
    if (!up()) return;
    asked_.push_back({Asked::Kind::unsubscribe, matching, {}});
    write(Command{matching == Matching::channel ? "UNSUBSCRIBE" : "PUNSUBSCRIBE", name}.bytes(), 1);
}

void Subscriptions::shut_down() {
    stop();
    channels_.clear();
    patterns_.clear();
    counters_->subscriptions = 0;
}

void Subscriptions::subscribe_all(Matching matching) {
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries(matching)) {
        names.push_back(name);
        if (names.size() == names_per_command) subscribe(matching, std::exchange(names, {}));
    }
    if (!names.empty()) subscribe(matching, std::move(names));
}

void Subscriptions::subscribe(Matching matching, std::vector<std::string> names) {
    std::vector<std::string_view> words{verb(matching)};
    words.insert(words.end(), names.begin(), names.end());
    write(Command(words).bytes(), names.size());
    asked_.push_back({Asked::Kind::subscribe, matching, std::move(names)});
}

void Subscriptions::connected() {
    announcer_.up();
    if (std::exchange(was_connected_, true)) ++counters_->reconnects;
    asked_.clear();
    refused_.clear();
    counters_->refused = 0;
    subscribe_all(Matching::channel);
    subscribe_all(Matching::pattern);
    confirming_ = 1;
    ping();
}

void Subscriptions::disconnected(const Loss& loss) {
    announcer_.lost(loss.why, loss.was_up);
    confirming_ = 0;
    if (std::exchange(known_lost_, true)) return;
    tell(State::lost);
}

void Subscriptions::ping() {
    write(Command{"PING"}.bytes(), 1);
    asked_.push_back({Asked::Kind::ping});
}

void Subscriptions::heartbeat() { ping(); }

void Subscriptions::pong() {
    if (!take_answer(Asked::Kind::ping) || confirming_ == 0 || --confirming_ > 0) return;
    known_lost_ = false;
    tell(State::up);
}

bool Subscriptions::take_answer(Asked::Kind kind) {
    answered();
    if (asked_.empty() || asked_.front().kind != kind) {
        drop("an answer to nothing");
        return false;
    }
    auto& asked = asked_.front();
    if (++asked.confirmed >= asked.names.size()) asked_.pop_front();
    return true;
}

void Subscriptions::no_longer_refused(Matching matching, const std::string& name) {
    if (refused_.erase({matching, name}) > 0) counters_->refused = refused_.size();
}

// An ACL that leaves out one channel costs that one, not the others.
void Subscriptions::refuse(std::string why) {
    if (asked_.empty() || asked_.front().kind != Asked::Kind::subscribe || !why.starts_with("NOPERM")) {
        return drop(std::move(why));
    }
    const Asked asked = std::move(asked_.front());
    asked_.pop_front();
    answered(asked.names.size());
    if (asked.names.size() == 1) {
        const auto& name = asked.names[0];
        if (!entries(asked.matching).contains(name)) return;
        refused_.emplace(asked.matching, name);
        counters_->refused = refused_.size();
        if (told_.size() < most_told && told_.emplace(asked.matching, name).second) {
            log::warn("redis {}: it refuses {} {}, until the next connection: {}", target_.to_string(),
                      verb(asked.matching), name, why);
        }
        return;
    }
    // Redis refuses a command as a whole. Each name for itself tells which one it was.
    for (const auto& name : asked.names) {
        if (entries(asked.matching).contains(name)) subscribe(asked.matching, {name});
    }
    if (confirming_ > 0) {
        ++confirming_;
        ping();
    }
    flush();
}

void Subscriptions::received(Reply reply) {
    if (reply.is_text()) return pong();  // as long as there is no subscription
    if (reply.is_error()) return refuse(std::move(reply.text));
    if (!reply.is_list() || reply.list.empty() || !reply.list[0].is_text()) return drop("it sent no message");
    auto& parts = reply.list;
    const std::string_view kind = parts[0].text;
    const auto find = [&](Matching matching) -> std::shared_ptr<const Entry> {
        const auto found = entries(matching).find(parts[1].text);
        return found == entries(matching).end() ? nullptr : found->second;
    };
    if (kind == "message" && parts.size() == 3) {
        ++counters_->messages;
        if (const auto entry = find(Matching::channel)) {
            guarded("a subscriber", [&] { entry->message(parts[1].text, parts[2].text); });
        }
    } else if (kind == "pmessage" && parts.size() == 4) {
        ++counters_->messages;
        if (const auto entry = find(Matching::pattern)) {
            guarded("a subscriber", [&] { entry->message(parts[2].text, parts[3].text); });
        }
    } else if (kind == "pong") {
        pong();
    } else if ((kind == "subscribe" || kind == "psubscribe") && parts.size() == 3) {
        if (!take_answer(Asked::Kind::subscribe)) return;
        const auto matching = kind == "subscribe" ? Matching::channel : Matching::pattern;
        no_longer_refused(matching, parts[1].text);
        const auto entry = find(matching);
        if (entry && entry->active) guarded("a subscriber", [&] { entry->active(); });
    } else if (kind == "unsubscribe" || kind == "punsubscribe") {
        take_answer(Asked::Kind::unsubscribe);
    }
}

}  // namespace pulse::redis
