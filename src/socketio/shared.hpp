#pragma once
// What all parts of one server have in common. Owned by the Server, and by whatever is posted between
// shards, so that late work finds it alive.
#include "net/shard.hpp"
#include "socketio/server.hpp"

namespace pulse::socketio {

struct Shared {
    net::ShardPool& shards;
    const Options options;
    Stats stats{};
};

inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t n = 1) {
    counter.fetch_add(n, std::memory_order_relaxed);
}

}  // namespace pulse::socketio
