#pragma once
// Compares what the triggers keep with a full count, and corrects it. Blocking.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/types.hpp"

namespace pulse::store::postgres {

// Counting everything is done in a snapshot and holds up nobody. fix then keeps commits that change any
// tenant waiting for as long as it counts the tenants that were wrong.
Result<std::vector<KpiDifference>> recount(const std::string& url, Recount what);

}  // namespace pulse::store::postgres
