#pragma once
// The connection for subscriptions, which stand again after each reconnect. Lives on its shard.
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
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
    using Entries = std::unordered_map<std::string, std::shared_ptr<const Entry>>;

    void connected() override;
    void disconnected(const Loss& loss) override;
    void received(Reply reply) override;
    void heartbeat() override;

    Entries& entries(Matching matching) { return matching == Matching::channel ? channels_ : patterns_; }
    void subscribe_all(Matching matching);
    void ping();
    void pong();

    const std::shared_ptr<Counters> counters_;
    Announcer announcer_;
    Entries channels_;
    Entries patterns_;
    bool started_ = false;
    bool was_connected_ = false;
    bool known_lost_ = false;
    bool confirming_ = false;  // since connected(), until the answer to the PING behind the subscriptions
};

}  // namespace pulse::redis
