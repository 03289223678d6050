#pragma once
// What a dashboard that was away has seen of its tenant's log, and what it missed (contract section 5,
// connection state recovery). Pure; any thread.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "dashboard/tenant_feed.hpp"

namespace pulse::dashboard {

// As the offset of an event: "<changes>[~<how far metrics are behind>].<the tenant's mark>", base 36. The
// mark is there because a client keeps its offset when somebody else signs in.
std::string to_offset(UserId user, Seen seen);
std::optional<Seen> parse_offset(UserId user, std::string_view offset);

// From a state read with the changes after min(seen.changes, seen.metrics), complete and to the end: each
// business event, the latest metrics:updated of each business, then the current kpi:update.
std::vector<Event> replay(const store::TenantState& state, Seen seen);

}  // namespace pulse::dashboard
