#include "dashboard/replay.hpp"

#include <algorithm>
#include <charconv>

namespace pulse::dashboard {

using store::ChangeKind;
using store::Version;

namespace {

// Enough to tell the users of one browser apart; nobody else gets to see it.
std::string mark_of(UserId user) { return user.to_string().substr(0, 8); }

void append(std::string& out, Version number) {
    char digits[16];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number, 36).ptr);
}

std::optional<Version> number(std::string_view text) {
    Version read = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read, 36);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return read;
}

std::optional<Happening> event_of(const store::Change& change, const store::TenantState& state) {
    switch (change.kind) {
        case ChangeKind::business_created:
            if (change.business) return BusinessCreated{*change.business};
            return std::nullopt;
        case ChangeKind::business_updated:
            if (change.business) return BusinessUpdated{*change.business};
            return std::nullopt;
        case ChangeKind::business_deleted:
            return BusinessDeleted{change.business_id};
        case ChangeKind::metrics_updated: {
            const auto found =
                std::find_if(state.totals.begin(), state.totals.end(),
                             [&](const auto& totals) { return totals.business_id == change.business_id; });
            if (found == state.totals.end()) return std::nullopt;  // deleted since
            return MetricsUpdated{change.business_id, found->totals};
        }
    }
    return std::nullopt;
}

}  // namespace

std::string to_offset(UserId user, Seen seen) {
    std::string offset;
    append(offset, seen.changes);
    if (seen.metrics < seen.changes) {
        offset += '~';
        append(offset, seen.changes - seen.metrics);
    }
    offset += '.';
    offset += mark_of(user);
    return offset;
}

std::optional<Seen> parse_offset(UserId user, std::string_view offset) {
    const auto dot = offset.find('.');
    if (dot == std::string_view::npos || offset.substr(dot + 1) != mark_of(user)) return std::nullopt;
    offset = offset.substr(0, dot);
    const auto tilde = offset.find('~');
    const auto changes = number(offset.substr(0, tilde));
    if (!changes) return std::nullopt;
    if (tilde == std::string_view::npos) return Seen{*changes, *changes};
    const auto behind = number(offset.substr(tilde + 1));
    if (!behind || *behind > *changes) return std::nullopt;
    return Seen{*changes, *changes - *behind};
}

std::vector<Event> replay(const store::TenantState& state, Seen seen) {
    std::vector<Event> out;
    Seen now = seen;
    Version sent = seen.changes;  // versions never go back for a client
    for (const auto& change : state.changes) {
        const bool is_metrics = change.kind == ChangeKind::metrics_updated;
        if (change.version <= (is_metrics ? seen.metrics : seen.changes)) continue;
        auto event = event_of(change, state);
        if (!event) continue;
        now = {std::max(now.changes, change.version), std::max(now.metrics, change.version)};
        sent = std::max(sent, change.version);
        out.push_back({sent, std::move(*event), now});
    }
    now = {state.kpis.version, state.kpis.version};
    out.push_back({std::max(sent, state.kpis.version), KpiUpdate{kpis_of(state.kpis)}, now});
    return out;
}

}  // namespace pulse::dashboard
