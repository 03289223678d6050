#include "net/http_message.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pulse::net {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Headers, are_found_by_lower_case_name_first_one_first) {
    Headers headers;
    headers.add("Content-Type", "a");
    headers.add("X", "");
    headers.add("content-TYPE", "b");
    EXPECT_EQ(headers.find("content-type"), "a");
    EXPECT_EQ(headers.find("x"), "");
    EXPECT_EQ(headers.find("y"), std::nullopt);
    EXPECT_EQ(headers.size(), 3u);
    EXPECT_EQ(headers[2].first, "content-type");
}

TEST(Headers, tokens_are_found_in_any_field_of_the_name_and_any_case) {
    Headers headers;
    headers.add("Connection", "keep-alive,\t Upgrade ,");
    headers.add("Connection", "x");
    EXPECT_TRUE(headers.has_token("connection", "upgrade"));
    EXPECT_TRUE(headers.has_token("connection", "X"));
    EXPECT_FALSE(headers.has_token("connection", "up"));
    EXPECT_FALSE(headers.has_token("connection", "alive"));
}

TEST(Request, splits_its_target_at_the_first_question_mark) {
    Request request;
    request.target = "/a/b?c=d?e";
    EXPECT_EQ(request.path(), "/a/b");
    EXPECT_EQ(request.query(), "c=d?e");
    request.target = "/a";
    EXPECT_EQ(request.path(), "/a");
    EXPECT_EQ(request.query(), "");
}

TEST(Request, finds_cookies_among_garbage) {
    struct Case {
        std::string_view field, name;
        std::optional<std::string_view> want;
    };
    const Case cases[] = {{"a=1; b=2", "b", "2"},      {"a=1;b=2", "a", "1"},    {" a = 1 ;b=x=y=", "a", "1"},
                          {"b=x=y=", "b", "x=y="},     {"a=\"q\"", "a", "q"},    {"a=\"", "a", "\""},
                          {"ab=1", "a", std::nullopt}, {"a", "a", std::nullopt}, {";;=;=x;a=", "a", ""},
                          {"", "a", std::nullopt}};
    for (const auto& c : cases) {
        Request request;
        request.headers.add("Cookie", c.field);
        EXPECT_EQ(request.cookie(c.name), c.want) << c.field;
    }
    Request split;
    split.headers.add("cookie", "a=1");
    split.headers.add("cookie", "b=2");
    EXPECT_EQ(split.cookie("b"), "2");
}

TEST(Query, is_decoded_in_order_and_tolerates_garbage) {
    struct Case {
        std::string_view query;
        Pairs want;
    };
    const Case cases[] = {{"", {}},
                          {"a=1&b=2&a=3", {{"a", "1"}, {"b", "2"}, {"a", "3"}}},
                          {"a+b=%41%2b+c", {{"a b", "A+ c"}}},
                          {"&&a&=b&", {{"a", ""}, {"", "b"}}},
                          {"a=b=c", {{"a", "b=c"}}},
                          {"%=%4&%zz=%", {{"%", "%4"}, {"%zz", "%"}}},
                          {"a=%00%ff", {{"a", std::string("\0\xff", 2)}}}};
    for (const auto& c : cases) EXPECT_EQ(parse_query(c.query), c.want) << c.query;
    EXPECT_EQ(query_value("x=1&%61=2&a=3", "a"), "2");
    EXPECT_EQ(query_value("x=1", "a"), std::nullopt);
}

RC_GTEST_PROP(Query, what_was_encoded_comes_back,
              (const std::vector<std::pair<std::string, std::string>>& pairs)) {
    const auto encode = [](const std::string& text) {
        static const char* const digits = "0123456789ABCDEF";
        std::string out;
        for (const char c : text) {
            out += '%';
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[c & 15];
        }
        return out;
    };
    std::string query;
    for (const auto& [name, value] : pairs) query += encode(name) + "=" + encode(value) + "&";
    RC_ASSERT(parse_query(query) == pairs);
}

RC_GTEST_PROP(Query, never_fails_and_agrees_with_its_list, (const std::string& query)) {
    const auto pairs = parse_query(query);
    for (const auto& pair : pairs) RC_ASSERT(query_value(query, pair.first).has_value());
}

RC_GTEST_PROP(Request, any_cookie_field_is_read_without_harm,
              (const std::string& field, const std::string& name)) {
    Request request;
    request.headers.add("cookie", field);
    const auto found = request.cookie(name);
    RC_ASSERT(!found || found->size() <= field.size());
}

}  // namespace
}  // namespace pulse::net
