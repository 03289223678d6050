#pragma once
// Compares what the triggers keep with a full count, and corrects it. Blocking.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/types.hpp"

namespace pulse::store::postgres {

// Counting everything is done in a snapshot and holds up nobody. fix then counts the tenants that were wrong
// again, each in a transaction of its own, for which commits that change any tenant wait; where it would have
// to wait itself it gives way, and gives up after about half a minute for one tenant.
Result<std::vector<KpiDifference>> recount(const std::string& url, Recount what);

}  // namespace pulse::store::postgres
