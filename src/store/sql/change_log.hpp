#pragma once
// From the rows of one tenant's log, oldest first, to the changes of a TenantState: metrics_updated once per
// business, at its latest version; not more than change_limit. Pure.
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/store.hpp"

namespace pulse::store::sql {

// How many rows of the log one call reads at most: a flood of metrics of a few businesses conflates to a
// few changes, but reading it must not hold a reader for long.
inline constexpr std::size_t log_scan_limit = 20 * change_limit;

class ChangeLog {
public:
    explicit ChangeLog(Version after) : after_(after) {}

    // The next row; false: enough, `more` is left.
    bool take(Version version, std::string_view kind, std::string_view business_id,
              const std::optional<std::string>& business);
    // Fills changes, more and complete.
    void finish(TenantState& state);
    // Whose metrics changed; valid before finish() and after it.
    bool has_metrics(BusinessId id) const { return latest_metrics_.contains(id); }
    std::vector<BusinessId> with_metrics() const;

private:
    const Version after_;
    std::vector<Change> read_;                                    // version 0: superseded
    std::unordered_map<BusinessId, std::size_t> latest_metrics_;  // where in read_
    std::size_t scanned_ = 0;
    std::size_t superseded_ = 0;
    bool complete_ = true;
    bool more_ = false;
};

}  // namespace pulse::store::sql
