#pragma once
// One tenant's way from changes in the database to events on the wire, without the waiting: what was read
// goes in, what is to be sent now comes out. Business events leave in order, each once; kpi:update and the
// metrics:updated of each business are states and are conflated (contract section 5). Pure: time is passed
// in; one owner, one thread.
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "dashboard/coalescer.hpp"
#include "dashboard/kpis.hpp"
#include "store/types.hpp"

namespace pulse::dashboard {

struct KpiUpdate {
    Kpis kpis;
    bool operator==(const KpiUpdate&) const = default;
};
struct BusinessCreated {
    store::Business business;
    bool operator==(const BusinessCreated&) const = default;
};
struct BusinessUpdated {
    store::Business business;
    bool operator==(const BusinessUpdated&) const = default;
};
struct BusinessDeleted {
    BusinessId id;
    bool operator==(const BusinessDeleted&) const = default;
};
struct MetricsUpdated {
    BusinessId id;
    store::Counts totals;
    bool operator==(const MetricsUpdated&) const = default;
};

// How far somebody who got all events has come in the log. Metrics that wait for their gap are behind.
struct Seen {
    store::Version changes = 0;  // every business event up to this version
    store::Version metrics = 0;  // the metrics of every change up to this version; never more than `changes`
    bool operator==(const Seen&) const = default;
};

using Happening = std::variant<KpiUpdate, BusinessCreated, BusinessUpdated, BusinessDeleted, MetricsUpdated>;

struct Event {
    store::Version version = 0;
    Happening what;
    Seen seen{};  // once it was received: where a client goes on that misses the next
    // What a client sees of it.
    bool operator==(const Event& other) const { return version == other.version && what == other.what; }
};

class TenantFeed {
public:
    explicit TenantFeed(Duration gap) : kpi_gap_(gap), metrics_gap_(gap) {}

    // The version up to which changes were taken; nullopt before the first state, which only sets the start.
    std::optional<store::Version> position() const { return position_; }

    // What somebody has seen who was sent the state now, or everything since; after the first state.
    Seen seen() const;

    // Takes a state read with changes after position(), or after something before it. Returns the events to
    // send now, in order.
    std::vector<Event> apply(const store::TenantState& state, TimePoint now);
    // A state was sent to some of the tenant's sockets outside of the conflation (on connecting).
    void sent_state(store::Version version) { raise_sent(version); }

    std::vector<Event> take_due(TimePoint now);  // what waited for its gap
    std::optional<TimePoint> next_due() const;   // when to call take_due()

private:
    struct PendingMetrics {
        store::Version version = 0;
        store::Counts totals;
    };
    void start(const store::TenantState& state);
    void send(store::Version version, Happening what, std::vector<Event>& out);
    void apply_change(const store::Change& change, std::vector<Event>& out);
    void offer_metrics(const store::TenantState& state, const store::Change& change);
    void offer_kpis(const store::TenantKpis& kpis);
    void take_states(TimePoint now, std::vector<Event>& out);
    store::Version raise_sent(store::Version version);

    std::optional<store::Version> position_;
    bool more_ = false;        // changes are left to read: the KPIs are ahead of the events and wait
    store::Version sent_ = 0;  // no event below this version goes out any more
    Kpis kpis_sent_;
    Kpis kpis_;
    store::Version kpis_version_ = 0;
    Coalescer kpi_gap_;
    // One gap for the metrics of all the tenant's businesses, so that what waits leaves together and the
    // KPIs after it: with a gap each, kpi:update could overtake the event of the mutation it shows.
    Coalescer metrics_gap_;
    std::map<BusinessId, PendingMetrics> metrics_;
};

}  // namespace pulse::dashboard
