#include "dashboard/json.hpp"

#include <spdlog/fmt/fmt.h>

namespace pulse::dashboard {

namespace json = boost::json;

json::object to_json(const store::Business& business) {
    json::object made;
    made.reserve(10);
    made.emplace("id", business.id.to_string());
    made.emplace("user_id", business.user_id.to_string());
    made.emplace("name", business.name);
    made.emplace("logo_url", business.logo_url ? json::value(*business.logo_url) : json::value(nullptr));
    made.emplace("category", business.category);
    made.emplace("status", store::to_string(business.status));
    made.emplace("is_verified", business.is_verified);
    made.emplace("stealth_mode_enabled", business.stealth_mode_enabled);
    made.emplace("created_at", to_iso8601(business.created_at));
    made.emplace("updated_at", to_iso8601(business.updated_at));
    return made;
}

json::array to_json(const std::vector<store::Business>& businesses) {
    json::array made;
    made.reserve(businesses.size());
    for (const auto& business : businesses) made.emplace_back(to_json(business));
    return made;
}

json::object totals_to_json(const store::Counts& counts) {
    return {{"views_count", counts.views},
            {"clicks_count", counts.clicks},
            {"property_invites_count", counts.invites},
            {"declined_count", counts.declined},
            {"messages_count", counts.messages},
            {"qfps_submitted_count", counts.qfps}};
}

json::object kpis_to_json(const Kpis& kpis) {
    const auto tenths = kpis.response_rate_tenths;
    const json::value rate = tenths % 10 == 0 ? json::value(tenths / 10) : json::value(double(tenths) / 10);
    return {{"activeBusinesses", kpis.active_businesses},
            {"responseRate", rate},
            {"landlordViews", kpis.landlord_views},
            {"messagesTotal", kpis.messages_total}};
}

std::string kpis_text(const Kpis& kpis) {
    const auto tenths = kpis.response_rate_tenths;
    const auto rate =
        tenths % 10 == 0 ? fmt::format("{}", tenths / 10) : fmt::format("{}.{}", tenths / 10, tenths % 10);
    return fmt::format(R"({{"activeBusinesses":{},"responseRate":{},"landlordViews":{},"messagesTotal":{}}})",
                       kpis.active_businesses, rate, kpis.landlord_views, kpis.messages_total);
}

std::string to_text(store::Date date) {
    const std::chrono::year_month_day day{date};
    return fmt::format("{:04}-{:02}-{:02}", int(day.year()), unsigned(day.month()), unsigned(day.day()));
}

}  // namespace pulse::dashboard
