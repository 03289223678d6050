#include "dashboard/operations_routes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>

#include "http/envelope.hpp"

namespace pulse::dashboard {
namespace {

namespace json = boost::json;

std::int64_t milliseconds(Duration took) {  // begun ones count
    return std::chrono::ceil<std::chrono::milliseconds>(took).count();
}

json::array to_json(const std::vector<CheckOutcome>& checks) {
    json::array list;
    for (const auto& check : checks) {
        json::object one{{"name", check.name}, {"ok", check.error.empty()}, {"ms", milliseconds(check.took)}};
        if (!check.error.empty()) one["error"] = check.error;
        list.push_back(std::move(one));
    }
    return list;
}

net::Response alive(http::Context&) { return http::success({{"status", "ok"}}); }

// The router keeps its handler, and the server `readiness`, for as long as a request runs.
Task<net::Response> answer_ready(Readiness& readiness) {
    const auto report = co_await readiness.report();
    co_return to_response(report);
}

}  // namespace

net::Response to_response(const ReadinessReport& report) {
    net::Response response;
    if (report.ready()) {
        response = http::success({{"status", "ready"}, {"checks", to_json(report.checks)}});
    } else {
        response = http::to_response({ErrorCode::unavailable, "not ready"});
        const json::object error{{"code", "UNAVAILABLE"},
                                 {"message", report.draining ? "draining" : "not ready"},
                                 {"details", to_json(report.checks)}};
        response.body = json::serialize(json::object{{"success", false}, {"error", error}});
    }
    return response;
}

void add_operations_routes(http::Router& router, Readiness& readiness) {
    router.add("GET", "/health", http::Access::anyone(), http::Handler(alive));
    router.add("GET", "/ready", http::Access::anyone(),
               http::AsyncHandler([&readiness](http::Context&) { return answer_ready(readiness); }));
}

}  // namespace pulse::dashboard
