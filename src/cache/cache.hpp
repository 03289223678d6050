#pragma once
// The KPI cache (contract section 6: dashboard:kpis:<userId>, the KPIs object as JSON, with a TTL). An
// entry is guarded by the tenant's version: an older state never replaces a newer one, and a fill computed
// from a state older than the last invalidation is discarded. Safe from any shard.
#include <memory>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace pulse::cache {

using Version = std::uint64_t;
using Json = std::shared_ptr<const std::string>;  // immutable, shared with every reader

struct CacheStats {  // since the start
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t stale_fills = 0;  // put() refused by the version guard
    std::uint64_t entries = 0;      // now; 0 if they are not in this process
    std::uint64_t evictions = 0;
};

class Cache {
public:
    virtual ~Cache() = default;
    // nullptr: not there, expired, or the cache is out of reach (a cache never fails its caller).
    virtual Task<Json> get(UserId user) = 0;
    // Keeps `json` for the TTL unless something newer is known.
    virtual Task<> put(UserId user, Version version, Json json) = 0;
    // The same without a coroutine, for callers that cannot wait or would rather not. nullopt or false: this
    // cache cannot tell without waiting. A miss is not counted, since get() follows it.
    virtual std::optional<Json> get_now(UserId) { return std::nullopt; }
    virtual bool put_now(UserId, Version, const Json&) { return false; }
    // What is older than `version` is not returned from now on. Any thread, does not wait.
    virtual void invalidate(UserId user, Version version) = 0;
    virtual CacheStats stats() const = 0;
    // For /ready: something is set and read back. One in this process answers at once.
    virtual Task<Result<void>> ping() { co_return Result<void>(); }
};

}  // namespace pulse::cache
