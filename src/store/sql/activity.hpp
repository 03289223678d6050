#pragma once
// The arithmetic of activity ingest: counts of many events become one difference per business and day, so
// that a batch of a thousand events costs as many row updates as it has businesses. Pure.
#include <map>
#include <utility>

#include "store/types.hpp"

namespace pulse::store::sql {

using Differences = std::map<std::pair<BusinessId, Date>, Counts>;

inline void add(Counts& counts, ActivityType type, std::int64_t count) {
    switch (type) {
        case ActivityType::view:
            counts.views += count;
            return;
        case ActivityType::click:
            counts.clicks += count;
            return;
        case ActivityType::invite:
            counts.invites += count;
            return;
        case ActivityType::decline:
            counts.declined += count;
            return;
        case ActivityType::message:
            counts.messages += count;
            return;
        case ActivityType::qfp:
            counts.qfps += count;
            return;
    }
}

}  // namespace pulse::store::sql
