#pragma once
// The contract's objects as JSON, the same in REST answers and in events. Pure.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "dashboard/kpis.hpp"
#include "store/types.hpp"

namespace pulse::dashboard {

boost::json::object to_json(const store::Business& business);
boost::json::array to_json(const std::vector<store::Business>& businesses);
// The six counts by column name: views_count and so on.
boost::json::object totals_to_json(const store::Counts& counts);
boost::json::object kpis_to_json(const Kpis& kpis);
// The same four members as text, the rate as people write it: 75.5, where Boost.JSON would say 7.55E1.
std::string kpis_text(const Kpis& kpis);
std::string to_text(store::Date date);  // 2026-01-31

}  // namespace pulse::dashboard
