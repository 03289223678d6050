#pragma once
// Compares what the triggers keep with a full count, and corrects it. Blocking.
#include <vector>

#include "base/result.hpp"
#include "store/sqlite/connection.hpp"
#include "store/types.hpp"

namespace pulse::store::sqlite {

// fix keeps other writers waiting for as long as it counts.
Result<std::vector<KpiDifference>> recount(const ConnectionSettings& settings, Recount what);

}  // namespace pulse::store::sqlite
