#pragma once
// What the adapter needs of Redis. redis_bus.hpp is the real one; tests have one without a network.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/shard.hpp"

namespace pulse::socketio::cluster {

class Bus {
public:
    virtual ~Bus() = default;
    virtual net::Shard& home() = 0;  // where its callbacks run; outlives the bus

    // Any thread. False: nothing that is published now would arrive.
    virtual bool up() const = 0;
    // Any thread; what one thread publishes keeps its order. Never waits. The bus counts what was published
    // and what was not (Stats), which is nobody's business here.
    virtual void publish(std::string_view channel, std::string_view body) = 0;

    // On the home shard. Kept over losses of the connection.
    using OnMessage = std::function<void(std::string_view channel, std::string_view body)>;
    virtual void subscribe(const std::string& channel, OnMessage message) = 0;
    virtual void unsubscribe(const std::string& channel) = 0;
    // How many connections, over all nodes, subscribe to each; nullopt if that is not known in time.
    using Counts = std::optional<std::vector<std::uint64_t>>;
    virtual void count_subscribers(std::vector<std::string> channels, std::function<void(Counts)> done) = 0;
};

}  // namespace pulse::socketio::cluster
