#include "dashboard/activity_controller.hpp"

#include "dashboard/activity_batch.hpp"
#include "http/envelope.hpp"

namespace pulse::dashboard {

ActivityController::ActivityController(store::Store& store, const Clock& clock)
    : store_(store), clock_(clock) {}

void ActivityController::add_routes(http::Router& router) {
    router.add("POST", "/api/activity", http::Access::only(store::Role::service),
               http::AsyncHandler([this](http::Context& context) { return record(context); }));
}

Task<net::Response> ActivityController::record(http::Context& context) {
    const auto body = http::read_object(context.request);
    if (!body) co_return body.error();
    const auto batch = read_activity(*body, clock_.wall_now());
    if (!batch) co_return http::to_response(batch.error());
    if (batch->events.empty()) co_return http::success(outcome_to_json(*batch, {}));
    const auto outcomes = co_await store_.record_activity(batch->events);
    if (!outcomes) co_return http::to_response(outcomes.error());
    co_return http::success(outcome_to_json(*batch, *outcomes));
}

}  // namespace pulse::dashboard
