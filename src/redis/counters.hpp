#pragma once
// What a client counts while it runs, and the bounds of what may wait; any thread.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "redis/options.hpp"

namespace pulse::redis {

// Of a command that is not answered yet.
struct Place {
    std::size_t bytes = 0;
    bool counts = false;  // among max_commands; what is published does not, and is bounded by its bytes alone
};

struct Counters {
    std::atomic<bool> up{false};
    std::atomic<bool> stalled{false};
    std::atomic<std::uint64_t> commands{0};
    std::atomic<std::uint64_t> failures{0};
    std::atomic<std::uint64_t> timeouts{0};
    std::atomic<std::uint64_t> reconnects{0};
    std::atomic<std::uint64_t> messages{0};
    std::atomic<std::size_t> in_flight{0};  // that count
    std::atomic<std::size_t> waiting_bytes{0};
    std::atomic<std::size_t> subscriptions{0};
    std::atomic<std::size_t> refused{0};  // of them

    // Why there is no place; "" if it is taken.
    std::string_view take(Place place, const Options& bounds) {
        if (place.counts && in_flight.fetch_add(1) >= bounds.max_commands) {
            --in_flight;
            return "too many commands wait for Redis already";
        }
        if (waiting_bytes.fetch_add(place.bytes) + place.bytes > bounds.max_waiting_bytes) {
            give_back(place);
            return "too much waits for Redis already";
        }
        return {};
    }
    void give_back(Place place) {
        if (place.counts) --in_flight;
        waiting_bytes -= place.bytes;
    }
};

}  // namespace pulse::redis
