#pragma once
// For tests: a client with a shard of its own, and what it was told.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "net/shard.hpp"
#include "redis/client.hpp"
#include "redis/test_server.hpp"

namespace pulse::redis::testing {

class Running {
public:
    explicit Running(Target target, Options options = {})
        : shards(2, system_clock()), client(shards[0], std::move(target), quick(options)) {
        client.on_commands([this](State state) { ++(state == State::up ? ups : losses); });
        client.on_subscriptions([this](State state) { ++(state == State::up ? subscribed : unsubscribed); });
        shards.start();
        client.start();
    }
    ~Running() { stop(); }

    void stop() {
        shards.run_on_each([this](net::Shard& shard) {
            if (&shard == &client.home()) client.stop();
        });
        shards.stop();
    }
    // From the other shard, and back to it.
    Result<Reply> call(Command command, Duration patience = std::chrono::seconds(20)) {
        return boost::asio::co_spawn(shards[1].context(), client.call(std::move(command), patience),
                                     boost::asio::use_future)
            .get();
    }
    bool comes_up() {
        return eventually([this] { return client.up(); });
    }

    net::ShardPool shards;
    Client client;
    std::atomic<int> ups{0}, losses{0}, subscribed{0}, unsubscribed{0};

private:
    static Options quick(Options options) {
        options.longest_pause = std::chrono::milliseconds(100);
        // A busy machine is not what most of the tests are about.
        if (options.deadline == Options().deadline) options.deadline = std::chrono::seconds(20);
        if (options.connect_within == Options().connect_within)
            options.connect_within = std::chrono::seconds(20);
        return options;
    }
};

inline std::string text_of(const Result<Reply>& reply) {
    if (!reply) return "error: " + reply.error().message;
    return reply->is_nil() ? "nil" : reply->is_integer() ? std::to_string(reply->integer) : reply->text;
}

}  // namespace pulse::redis::testing
