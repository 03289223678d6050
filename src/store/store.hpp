#pragma once
// The truth: users, businesses, metrics, the KPI row and the change log of each tenant. Behind it stands a
// database on worker threads; the tasks resume on the executor they were awaited on. Safe from any shard.
//
// Failures: not_found, conflict, invalid as named at each call; `unavailable` when the database is out of
// reach or too busy (any call). A failed write changed nothing.
#include <functional>
#include <utility>

#include "base/result.hpp"
#include "base/task.hpp"
#include "store/sessions.hpp"
#include "store/types.hpp"

namespace pulse::store {

// How many changes tenant_state() gives at most.
inline constexpr std::size_t change_limit = 1000;

struct Owner {  // the token's user, whose row is created on the first write (contract section 3)
    UserId id;
    std::string email;  // empty: <id>@unknown.invalid
    Role role = Role::tenant;
};

template <class T>
struct Written {  // what a write left, and the tenant's version after it
    T value;
    Version version = 0;
};

struct StoreStats {  // since the start
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t transactions = 0;  // fewer than writes when they were grouped
    std::uint64_t errors = 0;
    std::uint64_t queued = 0;       // waiting now
    std::uint64_t feed_losses = 0;  // how often the change feed lost the database
};

// Told, on a thread of the store, that a tenant is at `version` now, whoever wrote it. A wake-up carries
// no truth: it may come late, twice or for an old version. Writes of this process are told of before the
// call that made them returns.
using OnChange = std::function<void(const std::vector<std::pair<UserId, Version>>&)>;

class Store {
public:
    virtual ~Store() = default;

    // Creates or upgrades the schema; safe to repeat. Blocking; call before anything else.
    virtual Result<void> migrate() = 0;
    // Takes away what migrate() added to a database that holds somebody else's tables too; those stay, with
    // all that is in them. Blocking; nobody may be using the store. invalid: the database is all ours.
    virtual Result<void> migrate_down() = 0;
    // Counts everything again and compares it with what is kept, in one state; fix also corrects what is
    // wrong, as a change that dashboards hear of. Blocking. Others may go on reading and writing meanwhile.
    virtual Result<std::vector<KpiDifference>> recount(Recount what) = 0;
    // Starts the change feed. Call once, before traffic; the callback must outlive the store's stop().
    virtual void follow(OnChange on_change) = 0;
    // False while changes made by others may go unheard: what was read before must not be trusted then. Once
    // it is true again, the callback has told of everything that was missed. Any thread; costs nothing.
    virtual bool hears_changes() const = 0;
    // Finishes what was begun and ends all threads; blocking. Calls after it fail with unavailable.
    virtual void stop() = 0;

    // A tenant nobody has heard of has zeros and version 0.
    virtual Task<Result<TenantKpis>> tenant_kpis(UserId user) = 0;
    // `after`: with the changes after that version (TenantState::more if there are many); nullopt: none.
    // `businesses`: how many to list, 0: none (and no total).
    virtual Task<Result<TenantState>> tenant_state(UserId user, std::optional<Version> after,
                                                   std::int64_t businesses) = 0;
    // The current versions of the given users, for a sweep that finds lost wake-ups.
    virtual Task<Result<std::vector<std::pair<UserId, Version>>>> versions(std::vector<UserId> users) = 0;

    virtual Task<Result<BusinessPage>> businesses(UserId owner, BusinessQuery query) = 0;
    virtual Task<Result<Business>> business(UserId owner, BusinessId id) = 0;  // not_found
    virtual Task<Result<BusinessMetrics>> metrics(UserId owner, BusinessId id, Date from,
                                                  Date to) = 0;  // not_found
    // Sums per day over all the tenant's businesses, oldest first, only days with data.
    virtual Task<Result<std::vector<DayCounts>>> trends(UserId owner, Date from, Date to) = 0;

    // conflict: the address belongs to another id.
    virtual Task<Result<Written<Business>>> create_business(Owner owner, NewBusiness business) = 0;
    virtual Task<Result<Written<Business>>> update_business(Owner owner, BusinessId id,
                                                            BusinessPatch patch) = 0;
    virtual Task<Result<Written<BusinessId>>> delete_business(Owner owner, BusinessId id) = 0;

    // One outcome per event, in order. What is accepted is durable when this returns.
    virtual Task<Result<std::vector<ActivityOutcome>>> record_activity(std::vector<ActivityEvent> events) = 0;

    virtual Task<Result<User>> create_user(User user) = 0;  // conflict: the address exists
    // In any case; not_found, as is one whose role is none of ours.
    virtual Task<Result<User>> user_by_email(std::string email) = 0;
    virtual Sessions& sessions() = 0;
    virtual Task<Result<void>> ping() = 0;  // a query, for /ready

    // Proves the change feed, for /ready: sends a wake-up through the database and waits, a bounded time,
    // until the feed has received it.
    virtual Task<Result<void>> wake_up() = 0;

    virtual StoreStats stats() const = 0;
};

}  // namespace pulse::store
