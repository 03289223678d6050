#pragma once
// KPIs of a tenant as the JSON that is answered: from the cache, else from the tenant's one row of sums.
// While the store cannot hear of changes, the cache may hold what somebody has changed since: the row is read
// then, and the cache is asked only if the store is out of reach.
// Misses of one user at once, on whatever shards, read the row once. Safe from any shard.
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/result.hpp"
#include "base/task.hpp"
#include "cache/cache.hpp"
#include "store/store.hpp"

namespace pulse::dashboard {

struct KpiStats {              // since the start
    std::uint64_t reads = 0;   // of the database
    std::uint64_t joined = 0;  // calls that waited for somebody else's read instead
};

class KpiService {
public:
    KpiService(store::Store& store, cache::Cache& cache);  // both outlive the service
    ~KpiService();                                         // when no call is under way

    // What the cache holds, without waiting; nullptr: ask calculate().
    cache::Json try_cached(UserId user);
    // Never older than the last invalidate() before the call. Fails only as the store does; what the cache
    // holds is answered even if the store is out of reach.
    Task<Result<cache::Json>> calculate(UserId user);
    // The tenant is at `version` now: nothing older is answered to calls from now on. Any thread.
    void invalidate(UserId user, store::Version version);
    // Somebody read, and perhaps showed, this state: nothing older is answered from now on, and the cache
    // is filled with it if that needs no waiting. Any thread.
    void remember(UserId user, const store::TenantKpis& sums);

    KpiStats stats() const;

private:
    struct Flight;  // one read under way, and who waits for it
    struct Stripe {
        std::mutex mutex;
        std::unordered_map<UserId, std::shared_ptr<Flight>> flights;
    };
    class Landing;

    Stripe& stripe_of(UserId user) { return stripes_[std::hash<UserId>{}(user) % stripes_.size()]; }
    std::shared_ptr<Flight> take_off(UserId user, bool& first);
    Task<Result<cache::Json>> read(UserId user, std::shared_ptr<Flight> flight);

    store::Store& store_;
    cache::Cache& cache_;
    std::array<Stripe, 16> stripes_;
    std::atomic<std::uint64_t> reads_{0};
    std::atomic<std::uint64_t> joined_{0};
};

}  // namespace pulse::dashboard
