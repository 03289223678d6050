#include "dashboard/event_json.hpp"

#include <boost/json/array.hpp>

#include "dashboard/json.hpp"

namespace pulse::dashboard {

namespace json = boost::json;

namespace {

json::object stamped(json::object payload, store::Version version, std::string_view timestamp) {
    payload["timestamp"] = timestamp;
    payload["version"] = version;
    return payload;
}

struct Naming {
    std::string_view operator()(const KpiUpdate&) const { return "kpi:update"; }
    std::string_view operator()(const BusinessCreated&) const { return "business:created"; }
    std::string_view operator()(const BusinessUpdated&) const { return "business:updated"; }
    std::string_view operator()(const BusinessDeleted&) const { return "business:deleted"; }
    std::string_view operator()(const MetricsUpdated&) const { return "metrics:updated"; }
};

struct Payload {
    json::object operator()(const KpiUpdate& e) const { return {{"kpis", kpis_to_json(e.kpis)}}; }
    json::object operator()(const BusinessCreated& e) const { return {{"business", to_json(e.business)}}; }
    json::object operator()(const BusinessUpdated& e) const { return {{"business", to_json(e.business)}}; }
    json::object operator()(const BusinessDeleted& e) const { return {{"businessId", e.id.to_string()}}; }
    json::object operator()(const MetricsUpdated& e) const {
        return {{"businessId", e.id.to_string()}, {"metrics", totals_to_json(e.totals)}};
    }
};

}  // namespace

std::string_view event_name(const Event& event) { return std::visit(Naming{}, event.what); }

json::object event_payload(const Event& event, std::string_view timestamp) {
    return stamped(std::visit(Payload{}, event.what), event.version, timestamp);
}

json::object kpi_payload(const Kpis& kpis, store::Version version, std::string_view timestamp) {
    return stamped({{"kpis", kpis_to_json(kpis)}}, version, timestamp);
}

json::object state_payload(const store::TenantState& state, std::string_view timestamp) {
    json::array businesses;
    for (const auto& business : state.businesses) businesses.push_back(to_json(business));
    return stamped({{"kpis", kpis_to_json(kpis_of(state.kpis))},
                    {"businesses", std::move(businesses)},
                    {"total", state.businesses_total}},
                   state.kpis.version, timestamp);
}

}  // namespace pulse::dashboard
