#pragma once
// How many requests each route answered, with which status and how fast: plain atomics, counted on every
// shard, read by whoever exports them. The routes are fixed before traffic.
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace pulse::http {

class Metrics {
public:
    // Upper bounds of the latency buckets; a last one without bound follows.
    static constexpr std::array<Duration, 12> bounds = {
        std::chrono::microseconds(50),  std::chrono::microseconds(100), std::chrono::microseconds(250),
        std::chrono::microseconds(500), std::chrono::milliseconds(1),   std::chrono::microseconds(2500),
        std::chrono::milliseconds(5),   std::chrono::milliseconds(10),  std::chrono::milliseconds(50),
        std::chrono::milliseconds(250), std::chrono::seconds(1),        std::chrono::seconds(5)};

    struct Snapshot {  // of one route
        std::string method;
        std::string route;  // the pattern, so that ids make no new series; "unmatched" for unknown paths
        std::vector<std::pair<unsigned, std::uint64_t>> by_status;  // only those that occurred; 0: any other
        std::array<std::uint64_t, bounds.size() + 1> buckets{};     // not cumulative
        std::uint64_t count = 0;
        double sum_seconds = 0;
    };

    std::size_t add_route(std::string method, std::string pattern);  // before traffic; returns its index
    void count(std::size_t route, unsigned status, Duration took);   // any thread
    std::vector<Snapshot> snapshot() const;                          // any thread

private:
    static constexpr std::array<unsigned, 20> statuses = {200, 201, 204, 206, 301, 302, 304, 400, 401, 403,
                                                          404, 405, 408, 409, 413, 415, 429, 431, 500, 503};
    struct Series {
        std::string method;
        std::string route;
        std::array<std::atomic<std::uint64_t>, statuses.size() + 1> by_status{};
        std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets{};
        std::atomic<std::int64_t> sum_ns{0};
    };
    std::deque<Series> series_;
};

}  // namespace pulse::http
