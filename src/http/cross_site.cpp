#include "http/cross_site.hpp"

namespace pulse::http {
namespace {

bool is_safe(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

bool concerns_cookies(const net::Request& request) {
    return request.path().starts_with("/api/auth/") || request.cookie("accessToken") ||
           request.cookie("refreshToken");
}

// "https://host:port" and Host: the port is in both, or is the scheme's own in both.
bool is_own(std::string_view origin, const net::Request& request) {
    const auto host = request.headers.find("host");
    for (const std::string_view scheme : {"http://", "https://"})
        if (host && origin.starts_with(scheme) && origin.substr(scheme.size()) == *host) return true;
    return false;
}

}  // namespace

bool is_cross_site_write(const net::Request& request, const Cors& allowed) {
    if (is_safe(request.method) || !concerns_cookies(request)) return false;
    const auto origin = request.headers.find("origin");
    if (origin && allowed.allows(*origin)) return false;
    if (const auto site = request.headers.find("sec-fetch-site"))
        return *site != "same-origin" && *site != "none";
    return origin && !is_own(*origin, request);
}

}  // namespace pulse::http
