#include "engineio/cors.hpp"

#include <algorithm>

namespace pulse::engineio {
namespace {

bool listed(const Cors& cors, std::string_view origin) {
    return std::ranges::find(cors.allowed_origins, origin) != cors.allowed_origins.end();
}

bool equal_without_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view without_port(std::string_view authority, std::string_view port) {
    return authority.ends_with(port) ? authority.substr(0, authority.size() - port.size()) : authority;
}

}  // namespace

void add_cors_headers(net::Response& response, const net::Request& request, const Cors& cors) {
    if (!cors.enabled()) return;
    if (cors.any_origin) {
        response.set("Access-Control-Allow-Origin", "*");
    } else {
        const auto origin = request.headers.find("origin");
        if (origin && listed(cors, *origin))
            response.set("Access-Control-Allow-Origin", std::string(*origin));
        // Also without a match: a cache must not give this answer to another origin.
        response.set("Vary", "Origin");
    }
    if (cors.credentials) response.set("Access-Control-Allow-Credentials", "true");
}

net::Response preflight_response(const net::Request& request, const Cors& cors) {
    net::Response response;
    response.status = 204;
    add_cors_headers(response, request, cors);
    response.set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE");
    if (const auto asked = request.headers.find("access-control-request-headers")) {
        response.set("Access-Control-Allow-Headers", std::string(*asked));
        response.set("Vary", "Access-Control-Request-Headers");
    }
    return response;
}

bool origin_allowed(const net::Request& request, const Options& options) {
    if (options.origins == OriginPolicy::any || options.cors.any_origin) return true;
    const auto origin = request.headers.find("origin");
    if (!origin) return true;  // no browser, so no foreign page
    return listed(options.cors, *origin) || is_own_origin(*origin, request.headers.find("host").value_or(""));
}

bool is_own_origin(std::string_view origin, std::string_view host) {
    const auto scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos || host.empty()) return false;
    const auto scheme = origin.substr(0, scheme_end);
    if (scheme != "http" && scheme != "https") return false;
    // A browser leaves its scheme's default port out of Origin; a proxy may have put it into Host.
    const std::string_view default_port = scheme == "https" ? ":443" : ":80";
    return equal_without_case(without_port(origin.substr(scheme_end + 3), default_port),
                              without_port(host, default_port));
}

}  // namespace pulse::engineio
