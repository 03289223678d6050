#pragma once
// The connection for subscriptions, which stand again after each reconnect. Lives on its shard.
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "redis/announcer.hpp"
#include "redis/connection.hpp"
#include "redis/counters.hpp"
#include "redis/waiting.hpp"

namespace pulse::redis {

enum class Matching { channel, pattern };

class Subscriptions final : public Connection {
public:
    Subscriptions(net::Shard& home, const Target& target, const Options& options,
                  std::shared_ptr<Counters> counters);

    // The first one starts the connection. The caller flushes when it has no more.
    void add(Matching matching, std::string name, OnMessage message, std::function<void()> active);
    void remove(Matching matching, const std::string& name);
    using Connection::flush;
    void shut_down();

private:
    struct Entry {
        OnMessage message;
        std::function<void()> active;
    };
    // What was said and is not answered yet, in this order: one answer for each name.
    struct Asked {
        enum class Kind { ping, subscribe, unsubscribe };
        Kind kind;
        Matching matching{};
        std::vector<std::string> names{};
        std::size_t confirmed = 0;
    };
    using Entries = std::unordered_map<std::string, std::shared_ptr<const Entry>>;

    void connected() override;
    void disconnected(const Loss& loss) override;
    void received(Reply reply) override;
    void heartbeat() override;

    Entries& entries(Matching matching) { return matching == Matching::channel ? channels_ : patterns_; }
    void subscribe_all(Matching matching);
    void subscribe(Matching matching, std::vector<std::string> names);
    void ping();
    void pong();
    // The next answer is of this kind; false, and the connection ends, if nothing of it was asked.
    bool take_answer(Asked::Kind kind);
    void refuse(std::string why);
    void no_longer_refused(Matching matching, const std::string& name);

    const std::shared_ptr<Counters> counters_;
    Announcer announcer_;
    Entries channels_;
    Entries patterns_;
    bool started_ = false;
    bool was_connected_ = false;
    bool known_lost_ = false;
    std::deque<Asked> asked_;
    std::size_t confirming_ = 0;  // PINGs behind subscriptions since connected(): after them all are active
    using Names = std::set<std::pair<Matching, std::string>>;
    Names told_;     // of what was refused, in the log
    Names refused_;  // now
};

}  // namespace pulse::redis
