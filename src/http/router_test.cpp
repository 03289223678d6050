#include "http/router.hpp"

#include <gtest/gtest.h>

namespace pulse::http {
namespace {

net::Response nothing(Context&) { return {}; }

Router make_router() {
    Router router;
    for (const auto& [method, pattern] : {std::pair{"GET", "/api/businesses"},
                                          {"POST", "/api/businesses"},
                                          {"GET", "/api/businesses/:id"},
                                          {"DELETE", "/api/businesses/:id"},
                                          {"GET", "/api/businesses/:id/metrics"},
                                          {"GET", "/api/businesses/mine"},
                                          {"GET", "/"}})
        router.add(method, pattern, Access::anyone(), Handler(nothing));
    return router;
}

TEST(Router, finds_the_route_or_says_what_the_path_allows) {
    const auto router = make_router();
    struct Case {
        const char* method;
        const char* target;
        const char* pattern;  // empty: no route
        const char* allow;    // empty: no such path
    };
    const Case cases[] = {
        {"GET", "/", "/", "GET, HEAD, OPTIONS"},
        {"GET", "/api/businesses", "/api/businesses", "GET, HEAD, POST, OPTIONS"},
        {"HEAD", "/api/businesses?page=2", "/api/businesses", "GET, HEAD, POST, OPTIONS"},
        {"PUT", "/api/businesses", "", "GET, HEAD, POST, OPTIONS"},
        {"get", "/api/businesses", "", "GET, HEAD, POST, OPTIONS"},
        {"GET", "/api/businesses/", "", ""},
        {"GET", "/api/businesses/7", "/api/businesses/:id", "GET, HEAD, DELETE, OPTIONS"},
        {"GET", "/api/businesses/mine", "/api/businesses/mine", "GET, HEAD, OPTIONS"},
        {"GET", "/api/businesses/7/metrics", "/api/businesses/:id/metrics", "GET, HEAD, OPTIONS"},
        {"GET", "/api/businesses/7/metrics/x", "", ""},
        {"GET", "/api/businesses//metrics", "", ""},
        {"GET", "//", "", ""},
        {"GET", "", "", ""},
        {"GET", "*", "", ""},
        {"GET", "http://host/api/businesses", "", ""},
    };
    for (const auto& c : cases) {
        net::Request request;
        request.method = c.method;
        request.target = c.target;
        Context context(std::move(request));
        const auto match = router.find(context);
        EXPECT_EQ(match.route ? match.route->pattern : "", c.pattern) << c.method << " " << c.target;
        EXPECT_EQ(match.allow, c.allow) << c.method << " " << c.target;
    }
}

TEST(Router, names_the_parts_of_the_path) {
    const auto router = make_router();
    net::Request request;
    request.method = "GET";
    request.target = "/api/businesses/abc%20d/metrics?days=3";
    Context context(std::move(request));
    ASSERT_TRUE(router.find(context).route);
    EXPECT_EQ(context.param("id"), "abc%20d");
    EXPECT_EQ(context.param("other"), "");
}

}  // namespace
}  // namespace pulse::http
