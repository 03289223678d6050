#pragma once
// GET /health and /ready: what a supervisor and a load balancer ask (contract section 4, Operations).
// /health touches nothing; /ready lists each check with its name, its time and what is wrong:
//
//     {"success":true,"data":{"status":"ready","checks":[{"name":"database","ok":true,"ms":1}, …]}}
//     503 {"success":false,"error":{"code":"UNAVAILABLE","message":"not ready","details":[checks]}}
#include "dashboard/readiness.hpp"
#include "http/router.hpp"

namespace pulse::dashboard {

net::Response to_response(const ReadinessReport& report);

// `readiness` outlives the router's requests.
void add_operations_routes(http::Router& router, Readiness& readiness);

}  // namespace pulse::dashboard
