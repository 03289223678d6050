#pragma once
// What every adapter between nodes counts, since the start. Any thread may read.
#include <atomic>
#include <cstdint>

namespace pulse::socketio::cluster {

struct Stats {
    std::atomic<std::uint64_t> published{0};    // and taken by Redis
    std::atomic<std::uint64_t> unpublished{0};  // out of reach, refused or lost: other nodes miss these
    std::atomic<std::uint64_t> received{0};     // broadcasts of others, delivered here
    std::atomic<std::uint64_t> invalid{0};      // messages that were none of this adapter's kind
    std::atomic<std::uint64_t> overflowed{0};   // dropped, for max_backlog were on their way to sockets
    std::atomic<std::uint64_t> timeouts{0};     // requests that not every node answered in time
    std::atomic<std::uint64_t> backlog{0};      // on their way to sockets now
};

}  // namespace pulse::socketio::cluster
