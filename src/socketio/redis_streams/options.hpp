#pragma once
// How the Streams adapter speaks to the other nodes, and what it counts.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "socketio/cluster/stats.hpp"

namespace pulse::socketio::redis_streams {

// `published` are entries and messages; `unpublished` ones were delivered on this node only.
struct Stats : cluster::Stats {
    std::atomic<std::uint64_t> entries{0};   // read from the stream, of all namespaces and nodes
    std::atomic<std::uint64_t> gaps{0};      // the stream no longer had what came after the last one read
    std::atomic<std::uint64_t> pauses{0};    // of the reading, until sockets had what was read before
    std::atomic<std::uint64_t> sessions{0};  // of clients that may come back, put into Redis
    std::atomic<std::uint64_t> sessions_lost{0};  // that Redis did not take
    std::atomic<std::uint64_t> from_redis{0};     // returning clients for whom the stream was read once more
};

// All nodes of a cluster must agree on the first four, as those of Node's adapter of these names.
struct Options {
    std::string stream_name = "socket.io";
    std::string channel_prefix = "socket.io";
    std::string session_key_prefix = "sio:session:";
    // About how many entries the stream keeps (MAXLEN ~), of all namespaces and nodes: what a client may miss
    // and still be recovered.
    std::size_t max_len = 10'000;
    std::size_t read_count = 100;  // entries at a time
    // That a read waits in Redis for entries. One that has not been answered a little later is a lost one.
    Duration block = std::chrono::seconds(1);
    Duration requests_timeout = std::chrono::seconds(5);
    // Whether other nodes' fetchSockets() are told handshake.auth and the headers authorization and cookie.
    // Not unless wanted: who can read Redis would read everybody's tokens.
    bool share_credentials = false;
    // That an event of ours may take to come back out of the stream; then it is delivered here without it.
    Duration own_within = std::chrono::seconds(1);
    std::size_t max_message_bytes = 4 * 1024 * 1024;  // ours are not published, others' not read
    std::size_t max_answer_bytes = 32 * 1024 * 1024;  // that to fetchSockets() has all sockets of a node
    std::size_t max_backlog = 10'000;   // events on their way to sockets; beyond: no more are read
    std::size_t max_requests = 10'000;  // of ours that wait for answers
    // Of recent events, which a namespace with recovery keeps for those who return.
    std::size_t max_recent = 10'000;
    std::size_t max_recent_bytes = 16 * 1024 * 1024;
    std::shared_ptr<Stats> stats = std::make_shared<Stats>();
};

}  // namespace pulse::socketio::redis_streams
