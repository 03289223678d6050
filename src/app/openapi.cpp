#include "app/openapi.hpp"

#include <string_view>

#include "http/static_files.hpp"

extern "C" {
extern const char pulse_openapi[];
extern const char pulse_openapi_end[];
}

namespace pulse::app {

void add_openapi_route(http::Router& router) {
    http::serve_file(
        router, "/api/openapi.json",
        {.bytes = std::string_view(pulse_openapi, pulse_openapi_end), .content_type = "application/json"});
}

}  // namespace pulse::app
