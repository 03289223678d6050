#pragma once
// How an adapter speaks to the other nodes, and what it counts.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "socketio/cluster/stats.hpp"
#include "socketio/redis_adapter/shared.hpp"

namespace pulse::socketio::redis_adapter {

struct Stats : cluster::Stats {
    std::atomic<std::uint64_t> unwanted{0};       // for rooms without members here; dropped undecoded
    std::atomic<std::uint64_t> subscriptions{0};  // to rooms' channels, now
};

// All nodes of a cluster must agree on prefix and encoding.
struct Options {
    std::string prefix = "socket.io";       // `key` of Node's adapter and emitter
    Encoding encoding = Encoding::msgpack;  // of broadcasts; json for nodes with a JSON `parser`
    Duration requests_timeout = std::chrono::seconds(5);
    bool publish_on_specific_response_channel = false;  // the option of Node's adapter; as on the other nodes
    // Whether other nodes' fetchSockets() are told handshake.auth and the headers authorization and cookie.
    // Not unless wanted: who can read Redis would read everybody's tokens.
    bool share_credentials = false;
    Duration unsubscribe_after = std::chrono::seconds(1);  // that a room is empty
    // That a command to all nodes may take to come back; then it is carried out here without Redis.
    Duration own_command_within = std::chrono::seconds(1);
    std::size_t max_message_bytes = 4 * 1024 * 1024;
    // Of an answer: that to fetchSockets() has all sockets of a node, some 800 bytes each. Redis's own
    // client-output-buffer-limit for subscribers is as large.
    std::size_t max_answer_bytes = 32 * 1024 * 1024;
    std::size_t max_backlog = 10'000;   // messages on their way to sockets
    std::size_t max_requests = 10'000;  // of ours that wait for answers
    std::shared_ptr<Stats> stats = std::make_shared<Stats>();
};

}  // namespace pulse::socketio::redis_adapter
