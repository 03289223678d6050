#pragma once
// GET /api/openapi.json: docs/openapi.json, built into the program. Any thread.
#include "http/router.hpp"

namespace pulse::app {

void add_openapi_route(http::Router& router);

}  // namespace pulse::app
