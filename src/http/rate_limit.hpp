#pragma once
// Requests a second per user or address (RATE_LIMIT, contract section 2): a token bucket each, in a table
// whose size has a bound. Any thread; time is passed in.
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace pulse::http {

// A bucket of `burst` tokens that fills at one per `interval`, kept as the one time at which it will be
// full again (the generic cell rate algorithm), so that a full bucket need not be kept at all.
class TokenBucket {
public:
    struct Rate {
        Duration interval{};
        std::int64_t burst = 1;
    };

    // Takes a token; nullopt if there was one, else how long until there is.
    std::optional<Duration> take(TimePoint now, const Rate& rate);
    void give_back(const Rate& rate) { full_at_ -= rate.interval; }
    // As take(), without taking.
    std::optional<Duration> wait(TimePoint now, const Rate& rate) const;
    bool full(TimePoint now) const { return full_at_ <= now; }

private:
    TimePoint full_at_ = TimePoint::min();
};

// What tells one subscriber from another: an IPv4 address, or the first 64 bits of an IPv6 address. nullopt:
// the text is no address.
std::optional<std::array<std::uint8_t, 16>> subscriber_of(std::string_view address);

class RateLimiter {
public:
    explicit RateLimiter(unsigned per_second, std::size_t capacity = 65'536);  // 0: no limit

    // nullopt: go on. Else when to come back.
    std::optional<Duration> take(UserId user, TimePoint now);
    // A quarter of it for an address; of IPv6 the /64 counts, which is what one subscriber has.
    std::optional<Duration> take_address(std::string_view address, TimePoint now);
    std::size_t size() const;  // buckets kept now

private:
    struct Key {
        std::uint8_t kind = 0;
        std::array<std::uint8_t, 16> bytes{};
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    struct alignas(64) Part {
        mutable std::mutex mutex;
        std::unordered_map<Key, TokenBucket, Hash> buckets;
        TimePoint swept = TimePoint::min();
    };

    std::optional<Duration> take(const Key& key, const TokenBucket::Rate& rate, TimePoint now);
    void make_room(Part& part, TimePoint now) const;

    const TokenBucket::Rate per_user_;
    const TokenBucket::Rate per_address_;
    static constexpr std::size_t part_count = 16;
    const std::size_t part_capacity_;
    std::array<Part, part_count> parts_;
};

}  // namespace pulse::http
