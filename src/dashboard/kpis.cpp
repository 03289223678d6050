#include "dashboard/kpis.hpp"

#include <algorithm>

namespace pulse::dashboard {
namespace {

// Rounded half up (6.25 -> 6.3). 128 bits, because messages * 2000 may not fit 64.
std::int64_t response_rate_tenths(std::int64_t messages, std::int64_t invites) {
    if (invites <= 0 || messages <= 0) return 0;
    if (messages >= invites) return 1000;
    const auto twice = static_cast<__int128>(messages) * 2000 + invites;
    return static_cast<std::int64_t>(twice / (static_cast<__int128>(invites) * 2));
}

}  // namespace

Kpis kpis_of(const store::TenantKpis& sums) {
    return Kpis{.active_businesses = sums.active_businesses,
                .response_rate_tenths =
                    std::min<std::int64_t>(1000, response_rate_tenths(sums.messages, sums.invites)),
                .landlord_views = sums.views,
                .messages_total = sums.messages};
}

}  // namespace pulse::dashboard
