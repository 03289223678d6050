#pragma once
// The KPI cache in this process. Users are spread over parts with a mutex each, held only for a look-up:
// any shard may call, and none waits for long.
//
// Every user it has heard of leaves a record: the value, or after an invalidation or the end of the TTL
// only the version below which nothing is taken any more. The least recently used records are forgotten
// beyond `capacity`; the guard reaches back as far as that. A fill that a forgotten record would have
// refused must have been under way while `capacity` other tenants were read or changed.
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "cache/cache.hpp"

namespace pulse::cache {

struct ProcessCacheLimits {
    std::size_t capacity = 100'000;  // records, over all parts
    std::size_t parts = 16;
};

class ProcessCache final : public Cache {
public:
    // `clock` outlives the cache. A TTL of zero keeps nothing.
    ProcessCache(const Clock& clock, Duration ttl, ProcessCacheLimits limits = {});
    ~ProcessCache() override;
    ProcessCache(const ProcessCache&) = delete;

    Task<Json> get(UserId user) override;
    Task<> put(UserId user, Version version, Json json) override;
    std::optional<Json> get_now(UserId user) override;
    bool put_now(UserId user, Version version, const Json& json) override;
    void invalidate(UserId user, Version version) override;
    CacheStats stats() const override;

    // The same without a coroutine: none of them ever waits.
    Json lookup(UserId user);
    void store(UserId user, Version version, Json json);

private:
    class Part;
    Part& part_of(UserId user) const;

    const Clock& clock_;
    const Duration ttl_;
    std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace pulse::cache
