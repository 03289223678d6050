#pragma once
// What all parts of one server have in common. Owned by the Server, and by whatever is posted between
// shards, so that late work finds it alive.
#include "net/shard.hpp"
#include "socketio/monitor.hpp"
#include "socketio/packet.hpp"
#include "socketio/server.hpp"
#include "socketio/timings.hpp"

namespace pulse::socketio {

struct Shared : std::enable_shared_from_this<Shared> {
    Shared(net::ShardPool& pool, Options chosen) : shards(pool), options(std::move(chosen)) {}
    TimePoint now() const { return shards[0].clock().now(); }

    net::ShardPool& shards;
    const Options options;
    Stats stats{};
    Timings timings{};
    std::shared_ptr<Monitor> monitor{};  // set before traffic; nullptr: none
    // The monitor, while it wants to be told.
    Monitor* watcher() const { return monitor && monitor->watching() ? monitor.get() : nullptr; }
};

// What is on its way to `recipients` sockets.
inline void count_out(Stats& stats, PacketType type, std::uint64_t recipients = 1) {
    stats.packets_out[std::size_t(type)].fetch_add(recipients, std::memory_order_relaxed);
}

inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t n = 1) {
    counter.fetch_add(n, std::memory_order_relaxed);
}

}  // namespace pulse::socketio
