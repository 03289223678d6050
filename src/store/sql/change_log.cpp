#include "store/sql/change_log.hpp"

#include "store/sql/rows.hpp"

namespace pulse::store::sql {

bool ChangeLog::take(Version version, std::string_view kind_text, std::string_view business_id,
                     const std::optional<std::string>& business) {
    const auto id = to_id<BusinessId>(business_id);
    const auto kind = parse_kind(kind_text);
    const bool again = kind == ChangeKind::metrics_updated && latest_metrics_.contains(id);
    if (scanned_ == log_scan_limit || (!again && read_.size() - superseded_ >= change_limit)) {
        more_ = true;
        return false;
    }
    // Versions have no gap but where the log was trimmed.
    if (version != after_ + ++scanned_) complete_ = false;
    auto left = business ? parse_business(*business) : std::nullopt;
    const bool needs_state = kind == ChangeKind::business_created || kind == ChangeKind::business_updated;
    if (!kind || (needs_state && !left)) return true;  // a row that somebody else wrote
    if (kind == ChangeKind::metrics_updated) {
        if (again) {
            read_[latest_metrics_[id]].version = 0;
            ++superseded_;
        }
        latest_metrics_[id] = read_.size();
    }
    read_.push_back({version, *kind, id, std::move(left)});
    return true;
}

void ChangeLog::finish(TenantState& state) {
    for (auto& change : read_)
        if (change.version != 0) state.changes.push_back(std::move(change));
    state.more = more_;
    state.complete = complete_ && scanned_ > 0;
}

std::vector<BusinessId> ChangeLog::with_metrics() const {
    std::vector<BusinessId> ids;
    ids.reserve(latest_metrics_.size());
    for (const auto& [id, place] : latest_metrics_) ids.push_back(id);
    return ids;
}

}  // namespace pulse::store::sql
