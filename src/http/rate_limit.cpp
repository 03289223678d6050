#include "http/rate_limit.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace pulse::http {
namespace {

using namespace std::chrono_literals;

enum Kind : std::uint8_t { user, address, no_address };

TokenBucket::Rate rate_of(double per_second) {
    if (per_second <= 0) return {};
    return {std::chrono::duration_cast<Duration>(1s / per_second),
            std::max<std::int64_t>(1, std::int64_t(2 * per_second))};
}

}  // namespace

std::optional<Duration> TokenBucket::wait(TimePoint now, const Rate& rate) const {
    const auto after = std::max(full_at_, now) + rate.interval;
    if (after - now > rate.interval * rate.burst) return after - now - rate.interval * rate.burst;
    return std::nullopt;
}

std::optional<Duration> TokenBucket::take(TimePoint now, const Rate& rate) {
    if (auto refused = wait(now, rate)) return refused;
    full_at_ = std::max(full_at_, now) + rate.interval;
    return std::nullopt;
}

RateLimiter::RateLimiter(unsigned per_second, std::size_t capacity)
    : per_user_(rate_of(per_second)),
      per_address_(rate_of(per_second / 4.0)),
      part_capacity_(std::max<std::size_t>(1, capacity / part_count)) {}

std::optional<Duration> RateLimiter::take(UserId id, TimePoint now) {
    return take(Key{Kind::user, id.uuid.bytes}, per_user_, now);
}

std::optional<Duration> RateLimiter::take_address(std::string_view text, TimePoint now) {
    const auto known = subscriber_of(text);
    const auto key = known ? Key{Kind::address, *known} : Key{Kind::no_address};
    return take(key, per_address_, now);
}

std::optional<std::array<std::uint8_t, 16>> subscriber_of(std::string_view text) {
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(text, error);
    if (error) return std::nullopt;
    std::array<std::uint8_t, 16> key{};
    if (parsed.is_v4()) {
        const auto bytes = parsed.to_v4().to_bytes();
        std::copy(bytes.begin(), bytes.end(), key.begin() + 12);
        return key;
    }
    const auto v6 = parsed.to_v6();
    const auto bytes = v6.to_bytes();
    if (v6.is_v4_mapped())
        std::copy(bytes.begin() + 12, bytes.end(), key.begin() + 12);
    else
        std::copy(bytes.begin(), bytes.begin() + 8, key.begin());
    return key;
}

std::size_t RateLimiter::Hash::operator()(const Key& key) const {
    return std::hash<UserId>{}(UserId{Uuid{key.bytes}}) + key.kind;
}

std::optional<Duration> RateLimiter::take(const Key& key, const TokenBucket::Rate& rate, TimePoint now) {
    if (rate.interval == Duration::zero()) return std::nullopt;
    auto& part = parts_[(Hash{}(key) >> 32) % parts_.size()];
    const std::lock_guard lock(part.mutex);
    auto found = part.buckets.find(key);
    if (found == part.buckets.end()) {
        if (part.buckets.size() >= part_capacity_) make_room(part, now);
        found = part.buckets.emplace(key, TokenBucket{}).first;
    }
    return found->second.take(now, rate);
}

// A full bucket is as good as none. If none is full, somebody is forgotten, and may send one burst more:
// better than to turn newcomers away. Swept once a second at most, so that a flood of addresses pays for
// one look-up each.
void RateLimiter::make_room(Part& part, TimePoint now) const {
    if (part.swept == TimePoint::min() || now - part.swept >= 1s) {
        part.swept = now;
        std::erase_if(part.buckets, [now](const auto& entry) { return entry.second.full(now); });
    }
    if (part.buckets.size() >= part_capacity_) part.buckets.erase(part.buckets.begin());
}

std::size_t RateLimiter::size() const {
    std::size_t sum = 0;
    for (const auto& part : parts_) {
        const std::lock_guard lock(part.mutex);
        sum += part.buckets.size();
    }
    return sum;
}

}  // namespace pulse::http
