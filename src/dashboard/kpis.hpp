#pragma once
// The four KPIs of contract section 4, computed from a tenant's row of sums. Pure; any thread.
#include <cstdint>

#include "store/types.hpp"

namespace pulse::dashboard {

struct Kpis {
    std::int64_t active_businesses = 0;
    // messages / invites * 100 in tenths of a percent, so that it is exact: 755 is 75.5; at most 1000.
    std::int64_t response_rate_tenths = 0;
    std::int64_t landlord_views = 0;
    std::int64_t messages_total = 0;
    bool operator==(const Kpis&) const = default;
};

Kpis kpis_of(const store::TenantKpis& sums);

}  // namespace pulse::dashboard
