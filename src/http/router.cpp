#include "http/router.hpp"

#include <algorithm>

namespace pulse::http {
namespace {

// Cuts the next segment off a path that begins with '/'.
std::string_view next_segment(std::string_view& rest) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    const auto segment = rest.substr(0, end);
    rest.remove_prefix(end);
    return segment;
}

bool is_param(std::string_view segment) { return segment.starts_with(':'); }

std::vector<std::string> segments_of(std::string_view pattern) {
    std::vector<std::string> segments;
    while (!pattern.empty()) segments.emplace_back(next_segment(pattern));
    return segments;
}

bool fits(const std::vector<std::string>& segments, std::string_view path, Context& context) {
    context.params.clear();
    for (const auto& wanted : segments) {
        if (path.empty()) return false;
        const auto given = next_segment(path);
        if (is_param(wanted)) {
            if (given.empty()) return false;
            context.params.emplace_back(std::string_view(wanted).substr(1), given);
        } else if (wanted != given) {
            return false;
        }
    }
    return path.empty();
}

bool is_navigation(const net::Request& request) {
    if (request.method != "GET" && request.method != "HEAD") return false;
    const auto path = request.path();
    if (!path.starts_with('/') || path.starts_with("/api/") || path == "/api") return false;
    if (path.find('.', path.rfind('/')) != path.npos) return false;
    const auto accepted = request.headers.find("accept");
    return accepted && accepted->find("text/html") != accepted->npos;
}

}  // namespace

void Router::add(std::string method, std::string pattern, Access access, Handler handler) {
    add(Route{std::move(method), std::move(pattern), access, FirstTry(std::move(handler)), nullptr});
}

void Router::add(std::string method, std::string pattern, Access access, AsyncHandler handler) {
    add(Route{std::move(method), std::move(pattern), access, nullptr, std::move(handler)});
}

void Router::add(std::string method, std::string pattern, Access access, FirstTry now, AsyncHandler later) {
    add(Route{std::move(method), std::move(pattern), access, std::move(now), std::move(later)});
}

void Router::set_page(Handler handler) {
    page_ = &keep(Route{"GET", "page", Access::anyone(), FirstTry(std::move(handler)), nullptr});
}

const Route& Router::keep(Route route) {
    route.index = routes_.size();
    return *routes_.emplace_back(std::make_unique<Route>(std::move(route)));
}

void Router::add(Route route) {
    const auto& kept = keep(std::move(route));
    auto& resource = resource_of(kept.pattern);
    resource.routes.push_back(&kept);
    resource.allow.clear();
    for (const auto* one : resource.routes)
        resource.allow += one->method == "GET" ? "GET, HEAD, " : one->method + ", ";
    resource.allow += "OPTIONS";
}

Router::Resource& Router::resource_of(const std::string& pattern) {
    auto segments = segments_of(pattern);
    if (std::none_of(segments.begin(), segments.end(), is_param)) return literal_[pattern];
    const auto known = std::find_if(patterned_.begin(), patterned_.end(),
                                    [&](const auto& one) { return one->segments == segments; });
    if (known != patterned_.end()) return **known;
    auto& made = *patterned_.emplace_back(std::make_unique<Resource>());
    made.segments = std::move(segments);
    return made;
}

const Router::Resource* Router::find_resource(Context& context, std::string_view path) const {
    if (const auto found = literal_.find(path); found != literal_.end()) return &found->second;
    if (!path.starts_with('/')) return nullptr;
    for (const auto& resource : patterned_)
        if (fits(resource->segments, path, context)) return resource.get();
    context.params.clear();
    return nullptr;
}

Router::Match Router::find(Context& context) const {
    const auto* resource = find_resource(context, context.request.path());
    if (!resource && page_ && is_navigation(context.request)) return {page_, "GET, HEAD, OPTIONS"};
    if (!resource) return {};
    std::string_view method = context.request.method;
    if (method == "HEAD") method = "GET";
    for (const auto* route : resource->routes)
        if (route->method == method) return {route, resource->allow};
    return {nullptr, resource->allow};
}

}  // namespace pulse::http
