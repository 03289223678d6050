#pragma once
// What is written, on one connection; one thread. The calls run inside a transaction of the writer's
// (writer.hpp) and throw DatabaseError, or Refusal, when it has to be rolled back; one that returns an Error
// has changed nothing. Versions are given when the transaction ends: see commit().
#include <optional>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "store/postgres/failure.hpp"
#include "store/postgres/rows.hpp"
#include "store/store.hpp"

namespace pulse::store::postgres {

// What a write touched; commit() fills in what it became.
struct Touch {
    UserId user;
    std::optional<BusinessId> business;  // the one that was created, changed or deleted
    Version version = 0;                 // after this write
    Version latest = 0;                  // of the tenant, as the transaction leaves it
};

class Writes {
public:
    explicit Writes(const ConnectionSettings& settings);

    Result<Written<Business>> create_business(const Owner& owner, const NewBusiness& fresh, WallTime now,
                                              Touch& touch);
    Result<Written<Business>> update_business(const Owner& owner, BusinessId id, const BusinessPatch& patch,
                                              WallTime now, Touch& touch);
    Result<Written<BusinessId>> delete_business(const Owner& owner, BusinessId id, Touch& touch);
    Result<User> create_user(const User& user, WallTime now);
    // Of one batch or of several that came together. A touch per tenant is added.
    std::vector<ActivityOutcome> record_activity(const std::vector<ActivityEvent>& events, WallTime now,
                                                 std::vector<Touch>& touched);

    // Applies what the triggers noted, reads the versions and commits: one round trip.
    void commit(Transaction& transaction, const std::vector<Touch*>& touched);

    // Removes a slice of what is kept for a time only, unless another node is at it: changes for ten minutes,
    // ids of events for 31 days, sessions until they expire. A transaction of its own.
    enum class Left { nothing, maybe_more };
    Left trim();

    Connection& connection() { return connection_; }

private:
    // Queued, with the time if the table has the columns.
    void send_user(const User& user, WallTime now);
    std::vector<Rows> sync_user(const User& user);  // throws Refusal for a row that cannot be

    Connection connection_;
    const Facts facts_;
};

}  // namespace pulse::store::postgres
