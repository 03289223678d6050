#include "dashboard/tenant_feed.hpp"

#include <algorithm>

namespace pulse::dashboard {

using store::ChangeKind;
using store::Version;

std::vector<Event> TenantFeed::apply(const store::TenantState& state, TimePoint now) {
    std::vector<Event> out;
    if (!position_) {
        start(state);
        return out;
    }
    if (state.kpis.version < *position_) return out;  // an older read that came in late
    for (const auto& change : state.changes) {
        if (change.version <= *position_) continue;
        position_ = change.version;
        if (change.kind == ChangeKind::metrics_updated) {
            offer_metrics(state, change);
        } else {
            apply_change(change, out);
        }
    }
    more_ = state.more;
    if (!more_) position_ = state.kpis.version;
    offer_kpis(state.kpis);
    take_states(now, out);
    return out;
}

void TenantFeed::start(const store::TenantState& state) {
    position_ = state.kpis.version;
    sent_ = state.kpis.version;
    kpis_ = kpis_sent_ = kpis_of(state.kpis);
    kpis_version_ = state.kpis.version;
}

void TenantFeed::apply_change(const store::Change& change, std::vector<Event>& out) {
    switch (change.kind) {
        case ChangeKind::business_created:
            if (change.business) send(change.version, BusinessCreated{*change.business}, out);
            return;
        case ChangeKind::business_updated:
            if (change.business) send(change.version, BusinessUpdated{*change.business}, out);
            return;
        case ChangeKind::business_deleted:
            metrics_.erase(change.business_id);  // nobody is told the numbers of what is gone
            send(change.version, BusinessDeleted{change.business_id}, out);
            return;
        case ChangeKind::metrics_updated:
            return;
    }
}

void TenantFeed::offer_metrics(const store::TenantState& state, const store::Change& change) {
    const auto totals = std::find_if(state.totals.begin(), state.totals.end(),
                                     [&](const auto& t) { return t.business_id == change.business_id; });
    if (totals == state.totals.end()) return;  // deleted since: its own event follows
    metrics_[change.business_id] = {change.version, totals->totals};
    metrics_gap_.offer();
}

void TenantFeed::offer_kpis(const store::TenantKpis& kpis) {
    kpis_ = kpis_of(kpis);
    kpis_version_ = kpis.version;
    if (kpis_ == kpis_sent_) {
        kpi_gap_.withdraw();
    } else {
        kpi_gap_.offer();
    }
}

void TenantFeed::take_states(TimePoint now, std::vector<Event>& out) {
    if (metrics_.empty()) metrics_gap_.withdraw();
    if (metrics_gap_.take(now)) {
        const auto first = out.size();
        for (const auto& [id, metrics] : metrics_)
            out.push_back({metrics.version, MetricsUpdated{id, metrics.totals}, {}});
        std::sort(out.begin() + std::ptrdiff_t(first), out.end(),
                  [](const Event& a, const Event& b) { return a.version < b.version; });
        metrics_.clear();
        for (auto i = first; i < out.size(); ++i) {
            const bool last = i + 1 == out.size();
            out[i].seen = {*position_, last ? *position_ : std::min(*position_, out[i + 1].version - 1)};
            out[i].version = raise_sent(out[i].version);
        }
    }
    if (more_ || !metrics_.empty() || !kpi_gap_.take(now)) return;
    kpis_sent_ = kpis_;
    send(kpis_version_, KpiUpdate{kpis_}, out);
}

std::vector<Event> TenantFeed::take_due(TimePoint now) {
    std::vector<Event> out;
    take_states(now, out);
    return out;
}

std::optional<TimePoint> TenantFeed::next_due() const {
    if (!metrics_.empty()) return metrics_gap_.due();
    return more_ ? std::nullopt : kpi_gap_.due();
}

void TenantFeed::send(Version version, Happening what, std::vector<Event>& out) {
    out.push_back({raise_sent(version), std::move(what), seen()});
}

Seen TenantFeed::seen() const {
    Seen seen{*position_, *position_};
    for (const auto& [id, metrics] : metrics_) seen.metrics = std::min(seen.metrics, metrics.version - 1);
    return seen;
}

// A state that waited for its gap is still true at every version sent since, so it carries that one:
// versions never go back for a client.
Version TenantFeed::raise_sent(Version version) { return sent_ = std::max(sent_, version); }

}  // namespace pulse::dashboard
