#include "redis/subscriptions.hpp"

#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "redis/command.hpp"

namespace pulse::redis {
namespace {

constexpr std::size_t names_per_command = 1000;

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
    const Command command{verb(matching), name};
    auto& entry = entries(matching)[std::move(name)];
    if (!entry) ++counters_->subscriptions;
    entry = std::make_shared<const Entry>(Entry{std::move(message), std::move(active)});
    if (up()) write(command.bytes(), 1);
    if (!std::exchange(started_, true)) start();
}

void Subscriptions::remove(Matching matching, const std::string& name) {
    if (stopped() || entries(matching).erase(name) == 0) return;
    --counters_->subscriptions;
    if (!up()) return;
    write(Command{matching == Matching::channel ? "UNSUBSCRIBE" : "PUNSUBSCRIBE", name}.bytes(), 1);
}

void Subscriptions::shut_down() {
    stop();
    channels_.clear();
    patterns_.clear();
    counters_->subscriptions = 0;
}

void Subscriptions::subscribe_all(Matching matching) {
    std::vector<std::string_view> words{verb(matching)};
    const auto say = [&] {
        if (words.size() > 1) write(Command(words).bytes(), words.size() - 1);
        words.resize(1);
    };
    for (const auto& [name, entry] : entries(matching)) {
        words.push_back(name);
        if (words.size() > names_per_command) say();
    }
    say();
}

void Subscriptions::connected() {
    announcer_.up();
    if (std::exchange(was_connected_, true)) ++counters_->reconnects;
    subscribe_all(Matching::channel);
    subscribe_all(Matching::pattern);
    confirming_ = true;
    ping();
}

void Subscriptions::disconnected(const Loss& loss) {
    announcer_.lost(loss.why, loss.was_up);
    confirming_ = false;
    if (std::exchange(known_lost_, true)) return;
    tell(State::lost);
}

void Subscriptions::ping() { write(Command{"PING"}.bytes(), 1); }

void Subscriptions::heartbeat() { ping(); }

void Subscriptions::pong() {
    answered();
    if (!std::exchange(confirming_, false)) return;
    known_lost_ = false;
    tell(State::up);
}

void Subscriptions::received(Reply reply) {
    if (reply.is_text()) return pong();  // as long as there is no subscription
    if (reply.is_error()) return drop(std::move(reply.text));
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
        answered();
        const auto entry = find(kind == "subscribe" ? Matching::channel : Matching::pattern);
        if (entry && entry->active) guarded("a subscriber", [&] { entry->active(); });
    } else if (kind == "unsubscribe" || kind == "punsubscribe") {
        answered();
    }
}

}  // namespace pulse::redis
