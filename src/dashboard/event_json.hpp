#pragma once
// The dashboard's events as they go over the wire (contract section 5): names and payloads. Pure.
#include <boost/json/object.hpp>
#include <string_view>

#include "dashboard/tenant_feed.hpp"

namespace pulse::dashboard {

std::string_view event_name(const Event& event);
// Every payload also has `timestamp` (ISO 8601) and `version`.
boost::json::object event_payload(const Event& event, std::string_view timestamp);
boost::json::object kpi_payload(const Kpis& kpis, store::Version version, std::string_view timestamp);
// `reconnected`: kpis, businesses and total as GET /api/dashboard/tenant.
boost::json::object state_payload(const store::TenantState& state, std::string_view timestamp);

}  // namespace pulse::dashboard
