#include "dashboard/dashboard_controller.hpp"

#include <boost/json/serialize.hpp>

#include "dashboard/business_rules.hpp"
#include "dashboard/json.hpp"
#include "dashboard/kpis.hpp"
#include "dashboard/trends.hpp"
#include "http/envelope.hpp"

namespace pulse::dashboard {
namespace {

constexpr std::int64_t listed_businesses = 20;
constexpr std::int64_t default_days = 30;

}  // namespace

DashboardController::DashboardController(store::Store& store, KpiService& kpis, const Clock& clock)
    : store_(store), kpis_(kpis), clock_(clock) {}

void DashboardController::add_routes(http::Router& router) {
    const auto tenant = http::Access::only(store::Role::tenant);
    router.add("GET", "/api/dashboard/tenant/kpis", tenant,
               http::FirstTry([this](http::Context& context) { return cached_kpis(context); }),
               http::AsyncHandler([this](http::Context& context) { return kpis(context); }));
    router.add("GET", "/api/dashboard/tenant", tenant,
               http::AsyncHandler([this](http::Context& context) { return overview(context); }));
    router.add("GET", "/api/dashboard/tenant/trends", tenant,
               http::AsyncHandler([this](http::Context& context) { return trends(context); }));
}

std::optional<net::Response> DashboardController::cached_kpis(http::Context& context) {
    const auto cached = kpis_.try_cached(context.identity.user_id);
    if (!cached) return std::nullopt;
    return http::success_text(*cached);
}

Task<net::Response> DashboardController::kpis(http::Context& context) {
    const auto json = co_await kpis_.calculate(context.identity.user_id);
    if (!json) co_return http::to_response(json.error());
    co_return http::success_text(**json);
}

Task<net::Response> DashboardController::overview(http::Context& context) {
    const auto user = context.identity.user_id;
    const auto state = co_await store_.tenant_state(user, std::nullopt, listed_businesses);
    if (!state) co_return http::to_response(state.error());
    kpis_.remember(user, state->kpis);
    co_return http::success_text(R"({"kpis":)" + kpis_text(kpis_of(state->kpis)) + R"(,"businesses":)" +
                                 boost::json::serialize(to_json(state->businesses)) + R"(,"total":)" +
                                 std::to_string(state->businesses_total) + "}");
}

Task<net::Response> DashboardController::trends(http::Context& context) {
    const auto days = read_days(context.request.query(), default_days);
    if (!days) co_return http::to_response(days.error());
    const auto today = std::chrono::floor<std::chrono::days>(clock_.wall_now());
    const auto data = co_await store_.trends(context.identity.user_id, first_day(today, *days), today);
    if (!data) co_return http::to_response(data.error());
    co_return http::success(to_json(trends_of(*data, today, *days)));
}

}  // namespace pulse::dashboard
