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
    EXPECT_FALSE(field(response, "Content-Security-Policy"));
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
