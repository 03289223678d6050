#include "http/static_files.hpp"

#include <gtest/gtest.h>

#include "http/testing.hpp"

namespace pulse::http {
namespace {

using testing::field;

net::Response get(const Router& router, std::string target, testing::Fields fields = {}) {
    Context context(testing::request("GET", std::move(target), fields));
    return router.find(context).route->now(context).value();
}

TEST(StaticFiles, come_with_type_tag_and_cache_rule) {
    Router router;
    serve_file(router, "/", {.bytes = "<p>hello", .content_type = "text/html; charset=utf-8"});
    const auto response = get(router, "/?x=1");
    EXPECT_EQ(response.status, 200u);
    EXPECT_EQ(response.body, "<p>hello");
    EXPECT_EQ(field(response, "Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(field(response, "Cache-Control"), "no-cache");
    EXPECT_FALSE(field(response, "Vary"));
    EXPECT_FALSE(field(response, "Content-Encoding"));
}

TEST(StaticFiles, come_in_the_best_coding_that_the_client_takes) {
    Router router;
    serve_file(router, "/a",
               {.bytes = "plain", .gzip = "zipped", .brotli = "brotli", .content_type = "text/css"});
    serve_file(router, "/b", {.bytes = "plain", .gzip = "zipped", .content_type = "text/css"});
    const auto sent = [&](std::string path, std::string accept) {
        const auto response = get(router, std::move(path), {{"accept-encoding", std::move(accept)}});
        EXPECT_EQ(field(response, "Vary"), "Accept-Encoding");
        return response.body + "/" + field(response, "Content-Encoding").value_or("");
    };
    EXPECT_EQ(sent("/a", "gzip, deflate, br"), "brotli/br");
    EXPECT_EQ(sent("/a", "gzip, br;q=0"), "zipped/gzip");
    EXPECT_EQ(sent("/a", "identity"), "plain/");
    EXPECT_EQ(sent("/b", "br, gzip"), "zipped/gzip");
    EXPECT_EQ(get(router, "/a").body, "plain");
    // A cache must not answer one form's tag with another.
    EXPECT_NE(field(get(router, "/a"), "ETag"),
              field(get(router, "/a", {{"accept-encoding", "br"}}), "ETag"));
}

TEST(StaticFiles, more_headers_go_with_the_file) {
    Router router;
    serve_file(router, "/",
               {.bytes = "x", .content_type = "text/html", .headers = {{"Referrer-Policy", "no-referrer"}}});
    EXPECT_EQ(field(get(router, "/"), "Referrer-Policy"), "no-referrer");
}

TEST(StaticFiles, the_page_answers_navigations_to_unknown_paths_only) {
    Router router;
    serve_file(router, "/known", {.bytes = "known", .content_type = "text/plain"});
    serve_page(router, {.bytes = "page", .content_type = "text/html"});
    const testing::Fields browser{{"accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};
    EXPECT_EQ(get(router, "/known", browser).body, "known");
    for (const char* path : {"/", "/businesses/1?x=1", "/api.d/settings", "/apis"})
        EXPECT_EQ(get(router, path, browser).body, "page") << path;
    const auto found = [&](const char* method, const char* path, const testing::Fields& fields) {
        Context context(testing::request(method, path, fields));
        return router.find(context).route != nullptr;
    };
    EXPECT_TRUE(found("HEAD", "/x", browser));
    EXPECT_FALSE(found("POST", "/x", browser));
    EXPECT_FALSE(found("GET", "/x", {{"accept", "*/*"}}));
    EXPECT_FALSE(found("GET", "/x", {}));
    EXPECT_FALSE(found("GET", "/api/x", browser));
    EXPECT_FALSE(found("GET", "/api", browser));
    EXPECT_FALSE(found("GET", "/assets/gone.js", browser));
}

TEST(StaticFiles, are_not_sent_again_to_whoever_has_them) {
    Router router;
    serve_file(router, "/a", {.bytes = "one", .content_type = "text/plain"});
    serve_file(router, "/b", {.bytes = "two", .content_type = "text/plain"});
    const auto etag = field(get(router, "/a"), "ETag").value();
    EXPECT_NE(field(get(router, "/b"), "ETag"), etag);
    const auto again = get(router, "/a", {{"if-none-match", etag}});
    EXPECT_EQ(again.status, 304u);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(field(again, "ETag"), etag);
    EXPECT_EQ(get(router, "/b", {{"if-none-match", etag}}).status, 200u);
}

TEST(StaticFiles, if_none_match_is_a_list) {
    EXPECT_TRUE(none_match_names("\"a\"", "\"a\""));
    EXPECT_TRUE(none_match_names("\"b\", W/\"a\"", "\"a\""));
    EXPECT_TRUE(none_match_names("*", "\"a\""));
    EXPECT_FALSE(none_match_names("\"ab\"", "\"a\""));
    EXPECT_FALSE(none_match_names("", "\"a\""));
    EXPECT_FALSE(none_match_names(" , ,", "\"a\""));
}

}  // namespace
}  // namespace pulse::http
