#include "dashboard/business_controller.hpp"

#include <boost/json/array.hpp>

#include "dashboard/business_rules.hpp"
#include "dashboard/json.hpp"
#include "http/envelope.hpp"

namespace pulse::dashboard {

namespace json = boost::json;

namespace {

constexpr std::int64_t default_days = 90;

store::Owner owner_of(const auth::Identity& identity) {
    return {identity.user_id, identity.email, store::Role::tenant};
}

std::optional<BusinessId> id_of(const http::Context& context) {
    return BusinessId::parse(context.param("id"));
}

// A malformed id names nothing, as does an unknown or a foreign one.
net::Response no_such_business() { return http::to_response({ErrorCode::not_found, "Business not found"}); }

net::Response refusal(const Error& error) {
    return error.code == ErrorCode::not_found ? no_such_business() : http::to_response(error);
}

json::object in_object(const store::Business& business) { return {{"business", to_json(business)}}; }

json::object page_to_json(const store::BusinessPage& found, const PageRequest& asked) {
    const auto seen = asked.query.offset + std::int64_t(found.businesses.size());
    const bool more = !found.businesses.empty() && seen < found.total;
    return {{"businesses", to_json(found.businesses)},
            {"total", found.total},
            {"page", asked.page},
            {"limit", asked.query.limit},
            {"hasMore", more}};
}

json::object metrics_to_json(const store::BusinessMetrics& metrics) {
    json::array history;
    history.reserve(metrics.history.size());
    for (const auto& day : metrics.history) {
        json::object one{{"date", to_text(day.date)}};
        for (auto& count : totals_to_json(day.counts)) one.emplace(count.key(), count.value());
        history.emplace_back(std::move(one));
    }
    return {{"totals", totals_to_json(metrics.totals)}, {"history", std::move(history)}};
}

}  // namespace

BusinessController::BusinessController(store::Store& store, KpiService& kpis, const Clock& clock)
    : store_(store), kpis_(kpis), clock_(clock) {}

void BusinessController::add_routes(http::Router& router) {
    using http::AsyncHandler;
    using http::Context;
    const auto tenant = http::Access::only(store::Role::tenant);
    router.add("GET", "/api/businesses", tenant, AsyncHandler([this](Context& c) { return list(c); }));
    router.add("POST", "/api/businesses", tenant, AsyncHandler([this](Context& c) { return create(c); }));
    router.add("GET", "/api/businesses/:id", tenant, AsyncHandler([this](Context& c) { return show(c); }));
    router.add("PATCH", "/api/businesses/:id", tenant,
               AsyncHandler([this](Context& c) { return update(c); }));
    router.add("DELETE", "/api/businesses/:id", tenant,
               AsyncHandler([this](Context& c) { return remove(c); }));
    router.add("GET", "/api/businesses/:id/metrics", tenant,
               AsyncHandler([this](Context& c) { return metrics(c); }));
}

Task<net::Response> BusinessController::list(http::Context& context) {
    const auto asked = read_page_request(context.request.query());
    if (!asked) co_return http::to_response(asked.error());
    const auto found = co_await store_.businesses(context.identity.user_id, asked->query);
    if (!found) co_return http::to_response(found.error());
    co_return http::success(page_to_json(*found, *asked));
}

Task<net::Response> BusinessController::create(http::Context& context) {
    const auto body = http::read_object(context.request);
    if (!body) co_return body.error();
    auto wanted = read_new_business(*body);
    if (!wanted) co_return http::to_response(wanted.error());
    const auto written = co_await store_.create_business(owner_of(context.identity), std::move(*wanted));
    if (!written) co_return http::to_response(written.error());
    kpis_.invalidate(context.identity.user_id, written->version);
    co_return http::success(in_object(written->value), 201);
}

Task<net::Response> BusinessController::show(http::Context& context) {
    const auto id = id_of(context);
    if (!id) co_return no_such_business();
    const auto found = co_await store_.business(context.identity.user_id, *id);
    if (!found) co_return refusal(found.error());
    co_return http::success(in_object(*found));
}

Task<net::Response> BusinessController::update(http::Context& context) {
    const auto id = id_of(context);
    if (!id) co_return no_such_business();
    const auto body = http::read_object(context.request);
    if (!body) co_return body.error();
    auto patch = read_business_patch(*body);
    if (!patch) co_return http::to_response(patch.error());
    const auto written = co_await store_.update_business(owner_of(context.identity), *id, std::move(*patch));
    if (!written) co_return refusal(written.error());
    kpis_.invalidate(context.identity.user_id, written->version);
    co_return http::success(in_object(written->value));
}

Task<net::Response> BusinessController::remove(http::Context& context) {
    const auto id = id_of(context);
    if (!id) co_return no_such_business();
    const auto written = co_await store_.delete_business(owner_of(context.identity), *id);
    if (!written) co_return refusal(written.error());
    kpis_.invalidate(context.identity.user_id, written->version);
    co_return http::success({{"businessId", id->to_string()}});
}

Task<net::Response> BusinessController::metrics(http::Context& context) {
    const auto id = id_of(context);
    if (!id) co_return no_such_business();
    const auto days = read_days(context.request.query(), default_days);
    if (!days) co_return http::to_response(days.error());
    const auto today = std::chrono::floor<std::chrono::days>(clock_.wall_now());
    const auto from = today - std::chrono::days(*days - 1);
    const auto found = co_await store_.metrics(context.identity.user_id, *id, from, today);
    if (!found) co_return refusal(found.error());
    co_return http::success(metrics_to_json(*found));
}

}  // namespace pulse::dashboard
