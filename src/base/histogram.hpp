#pragma once
// How long something takes, in buckets: counted and read on any thread without a lock.
#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace pulse {

class Histogram {
public:
    // Upper bounds of the buckets; a last one without bound follows.
    static constexpr std::array<Duration, 13> bounds = {
        std::chrono::microseconds(1),   std::chrono::microseconds(5),   std::chrono::microseconds(10),
        std::chrono::microseconds(50),  std::chrono::microseconds(100), std::chrono::microseconds(500),
        std::chrono::milliseconds(1),   std::chrono::milliseconds(5),   std::chrono::milliseconds(10),
        std::chrono::milliseconds(50),  std::chrono::milliseconds(100), std::chrono::milliseconds(500),
        std::chrono::milliseconds(1000)};

    struct Snapshot {
        std::array<std::uint64_t, bounds.size() + 1> buckets{};  // not cumulative
        std::uint64_t count = 0;                                 // of all buckets
        Duration sum{};
    };

    void add(Duration took) {
        std::size_t bucket = 0;
        while (bucket < bounds.size() && took > bounds[bucket]) ++bucket;
        buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(took.count(), std::memory_order_relaxed);
    }

    Snapshot snapshot() const {
        Snapshot seen;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
            seen.count += seen.buckets[i];
        }
        seen.sum = Duration(sum_.load(std::memory_order_relaxed));
        return seen;
    }

private:
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets_{};
    std::atomic<Duration::rep> sum_{0};
};

}  // namespace pulse
