#pragma once
// Which pages may talk to us: the CORS headers (semantics of the expressjs/cors middleware, which Engine.IO
// documents) and the check of Origin, which CORS does not do for websockets. Pure; any thread.
#include <string_view>

#include "engineio/server.hpp"
#include "net/http_message.hpp"

namespace pulse::engineio {

// Adds the headers of every answer; none if CORS is off.
void add_cors_headers(net::Response& response, const net::Request& request, const Cors& cors);

// The answer to OPTIONS, given before any check of the protocol.
net::Response preflight_response(const net::Request& request, const Cors& cors);

// Options::origins applied to a handshake.
bool origin_allowed(const net::Request& request, const Options& options);

// True if `origin` (scheme://host:port) is the server that `host` (the Host header) names. The scheme is not
// compared: behind a proxy that ends TLS we are asked over plain HTTP.
bool is_own_origin(std::string_view origin, std::string_view host);

}  // namespace pulse::engineio
