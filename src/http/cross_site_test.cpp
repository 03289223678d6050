#include "http/cross_site.hpp"

#include <gtest/gtest.h>

#include "http/testing.hpp"

namespace pulse::http {
namespace {

const Cors listed({"https://app.example.com"});

bool refused(std::string method, std::string path, testing::Fields fields) {
    auto request = testing::request(std::move(method), std::move(path), fields);
    request.headers.add("host", "dash.example.com:4000");
    return is_cross_site_write(request, listed);
}

TEST(CrossSite, writes_with_a_cookie_come_from_our_pages_or_listed_ones) {
    const auto write = [](std::string_view name, std::string_view value) {
        return refused("POST", "/api/businesses", {{"cookie", "accessToken=t"}, {name, value}});
    };
    EXPECT_FALSE(write("sec-fetch-site", "same-origin"));
    EXPECT_FALSE(write("sec-fetch-site", "none"));
    EXPECT_TRUE(write("sec-fetch-site", "same-site"));
    EXPECT_TRUE(write("sec-fetch-site", "cross-site"));
    EXPECT_FALSE(write("origin", "http://dash.example.com:4000"));
    EXPECT_FALSE(write("origin", "https://dash.example.com:4000"));
    EXPECT_FALSE(write("origin", "https://app.example.com"));
    EXPECT_TRUE(write("origin", "https://dash.example.com"));
    EXPECT_TRUE(write("origin", "https://evil.example"));
    EXPECT_TRUE(write("origin", "null"));
    EXPECT_FALSE(write("user-agent", "curl")) << "no browser";
}

TEST(CrossSite, a_listed_page_is_welcome_though_its_site_is_another) {
    EXPECT_FALSE(refused("POST", "/api/auth/login",
                         {{"origin", "https://app.example.com"}, {"sec-fetch-site", "cross-site"}}));
    EXPECT_TRUE(refused("POST", "/api/auth/login",
                        {{"origin", "https://evil.example"}, {"sec-fetch-site", "cross-site"}}));
}

TEST(CrossSite, signing_in_sets_cookies_and_is_guarded_without_any) {
    EXPECT_TRUE(refused("POST", "/api/auth/login", {{"origin", "https://evil.example"}}));
    EXPECT_TRUE(refused("POST", "/api/auth/refresh",
                        {{"cookie", "refreshToken=t"}, {"origin", "https://evil.example"}}));
    EXPECT_FALSE(refused("POST", "/api/auth/login", {}));
}

TEST(CrossSite, reading_and_tokens_in_hand_are_not_concerned) {
    EXPECT_FALSE(
        refused("GET", "/api/businesses", {{"cookie", "accessToken=t"}, {"origin", "https://evil.example"}}));
    EXPECT_FALSE(refused("POST", "/api/activity",
                         {{"authorization", "Bearer t"}, {"origin", "https://evil.example"}}));
}

}  // namespace
}  // namespace pulse::http
