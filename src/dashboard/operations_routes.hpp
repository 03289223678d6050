#pragma once
// GET /health and /ready: what a supervisor and a load balancer ask (contract section 4, Operations).
#include <functional>

#include "base/task.hpp"
#include "http/router.hpp"

namespace pulse::dashboard {

// False while draining, or while the database is out of reach. Called on any shard.
using Readiness = std::function<Task<bool>()>;

void add_operations_routes(http::Router& router, Readiness ready);

}  // namespace pulse::dashboard
