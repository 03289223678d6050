#include "dashboard/operations_routes.hpp"

#include "http/envelope.hpp"

namespace pulse::dashboard {
namespace {

net::Response alive(http::Context&) { return http::success({{"status", "ok"}}); }

// The router keeps `ready` for as long as a request runs.
Task<net::Response> answer_ready(const Readiness& ready) {
    const bool is_ready = co_await ready();
    if (!is_ready) co_return http::to_response({ErrorCode::unavailable, "not ready"});
    co_return http::success({{"status", "ready"}});
}

}  // namespace

void add_operations_routes(http::Router& router, Readiness ready) {
    router.add("GET", "/health", http::Access::anyone(), http::Handler(alive));
    router.add(
        "GET", "/ready", http::Access::anyone(),
        http::AsyncHandler([ready = std::move(ready)](http::Context&) { return answer_ready(ready); }));
}

}  // namespace pulse::dashboard
