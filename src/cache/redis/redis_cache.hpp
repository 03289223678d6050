#pragma once
// The KPI cache in Redis, shared by all nodes and with the original Node application. Safe from any shard.
//
// Two guards keep it from returning what is too old. In Redis, scripts compare versions (entry.hpp): a fill
// never replaces something newer, and an invalidation drops only what is older. On this node, floors: what
// invalidate() was told is never undercut by what get() returns, whether or not Redis heard of it, forgot it
// in a restart, or was replaced by an empty Redis which then took another node's late fill. What Redis has
// not confirmed is sent again when it is back.
//
// Redis is asked in one round trip and never waited for longer than `patience`; while it is known to be out
// of reach or does not answer, every get() is a miss at once and every put() is dropped.
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "cache/cache.hpp"
#include "redis/client.hpp"

namespace pulse::cache {

struct RedisCacheOptions {
    Duration patience = std::chrono::milliseconds(150);  // of get()
    std::size_t max_floors = 100'000;                    // users whose floor is remembered
    // What changed before this node began, nobody told it: for so long it distrusts what is cached of users
    // whose state it has not read itself. Not set: the TTL, when all values of then are gone.
    std::optional<Duration> hesitation;
    // The guard outlives the value by this: no fill is under way for longer.
    std::chrono::milliseconds guard_longer = std::chrono::minutes(10);
};

class RedisCache final : public Cache {
public:
    // Before client.start(); the client and the clock outlive the cache. A TTL of zero keeps nothing, and
    // still drops what somebody else keeps.
    RedisCache(redis::Client& client, const Clock& clock, std::chrono::milliseconds ttl,
               RedisCacheOptions options = {});
    ~RedisCache() override;  // once no call is under way and the client has stopped
    RedisCache(const RedisCache&) = delete;
    RedisCache& operator=(const RedisCache&) = delete;

    Task<Json> get(UserId user) override;
    // Returns before Redis has it; what the same thread asks for next comes after it.
    Task<> put(UserId user, Version version, Json json) override;
    void invalidate(UserId user, Version version) override;
    CacheStats stats() const override;
    Task<Result<void>> ping() override;

    std::size_t unconfirmed() const;  // invalidations that Redis has not confirmed yet

private:
    struct State;
    const std::shared_ptr<State> state_;  // shared with what Redis still has to answer
};

}  // namespace pulse::cache
