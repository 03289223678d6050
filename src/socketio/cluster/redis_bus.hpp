#pragma once
// The bus over a redis::Client: its command connection publishes, so that what is published keeps its order,
// and its other one subscribes. Any thread, as the client.
#include <memory>
#include <utility>

#include "redis/client.hpp"
#include "socketio/cluster/bus.hpp"
#include "socketio/cluster/stats.hpp"

namespace pulse::socketio::cluster {

class RedisBus final : public Bus {
public:
    RedisBus(redis::Client& client, std::shared_ptr<Stats> stats)
        : client_(client), stats_(std::move(stats)) {}

    net::Shard& home() override { return client_.home(); }
    bool up() const override { return client_.up(); }
    void publish(std::string_view channel, std::string_view body) override;
    void subscribe(const std::string& channel, OnMessage message) override {
        client_.subscribe(channel, std::move(message));
    }
    void unsubscribe(const std::string& channel) override { client_.unsubscribe(channel); }
    void count_subscribers(std::vector<std::string> channels, std::function<void(Counts)> done) override;

private:
    redis::Client& client_;
    const std::shared_ptr<Stats> stats_;
};

}  // namespace pulse::socketio::cluster
