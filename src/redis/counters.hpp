#pragma once
// What a client counts while it runs; read from any thread.
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace pulse::redis {

struct Counters {
    std::atomic<bool> up{false};
    std::atomic<bool> stalled{false};
    std::atomic<std::uint64_t> commands{0};
    std::atomic<std::uint64_t> failures{0};
    std::atomic<std::uint64_t> timeouts{0};
    std::atomic<std::uint64_t> reconnects{0};
    std::atomic<std::uint64_t> messages{0};
    std::atomic<std::size_t> in_flight{0};
    std::atomic<std::size_t> subscriptions{0};
};

}  // namespace pulse::redis
