#include "dashboard/business_rules.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace pulse::dashboard {
namespace {

namespace json = boost::json;

// "field message; field message", or "ok".
template <class T>
std::string outcome(const Result<T>& read) {
    if (read) return "ok";
    std::string text = read.error().details.empty() ? read.error().message : "";
    for (const auto& one : read.error().details)
        text += (text.empty() ? "" : "; ") + one.field + " " + one.message;
    return text;
}

json::object object(std::string_view text) { return json::parse(json::string_view(text)).as_object(); }

TEST(BusinessRules, a_new_business_needs_name_and_category_and_hears_of_every_mistake) {
    struct Case {
        std::string body;
        const char* want;
    };
    const Case cases[] = {
        {R"({"name":"a","category":"b"})", "ok"},
        {R"({"name":" a ","category":"b","logo_url":null,"status":"active"})", "ok"},
        {R"({"name":"a","category":"b","logo_url":"https://example.com/x"})", "ok"},
        {R"({})", "name is required; category is required"},
        {R"({"name":null,"category":7})", "name must be a string; category must be a string"},
        {R"({"name":"","category":")" + std::string(101, 'x') + R"("})",
         "name must be 1 to 255 characters; category must be 1 to 100 characters"},
        {R"({"name":"a","category":"b","status":"gone","logo_url":"x","is_verified":true})",
         "logo_url must be an http or https URL; status must be active, pending_verification or "
         "stealth_mode; "
         "is_verified is not known"},
        {R"({"name":"a","category":"b","stealth_mode_enabled":true})", "stealth_mode_enabled is not known"},
        {R"({"name":"a","category":"b","status":null})", "status must be a string"},
        {R"({"name":"a","category":"b","logo_url":1})", "logo_url must be a string"},
    };
    for (const auto& c : cases) EXPECT_EQ(outcome(read_new_business(object(c.body))), c.want) << c.body;
}

TEST(BusinessRules, a_new_business_is_trimmed_and_pending_unless_said_otherwise) {
    const auto read = read_new_business(object(R"({"name":" a ","category":" b"})")).value();
    EXPECT_EQ(read.name, "a");
    EXPECT_EQ(read.category, "b");
    EXPECT_EQ(read.logo_url, std::nullopt);
    EXPECT_EQ(read.status, store::BusinessStatus::pending_verification);
}

TEST(BusinessRules, a_patch_changes_what_it_names) {
    const auto patch =
        read_business_patch(object(R"({"logo_url":null,"stealth_mode_enabled":false})")).value();
    ASSERT_TRUE(patch.logo_url);
    EXPECT_EQ(*patch.logo_url, std::nullopt);
    EXPECT_EQ(patch.stealth_mode_enabled, false);
    EXPECT_FALSE(patch.name || patch.category || patch.status);
    EXPECT_EQ(read_business_patch(object(R"({"logo_url":"http://a.example/"})")).value().logo_url->value(),
              "http://a.example/");
}

TEST(BusinessRules, a_patch_is_not_empty_and_typed) {
    EXPECT_EQ(outcome(read_business_patch(object("{}"))),
              "At least one of name, category, logo_url, status, stealth_mode_enabled is required");
    EXPECT_EQ(outcome(read_business_patch(object(R"({"name":null,"stealth_mode_enabled":"yes","id":1})"))),
              "name must be a string; stealth_mode_enabled must be true or false; id is not known");
    EXPECT_EQ(outcome(read_business_patch(object(R"({"stealth_mode_enabled":1})"))),
              "stealth_mode_enabled must be true or false");
}

TEST(BusinessRules, a_body_of_nothing_but_mistakes_gets_a_short_answer) {
    json::object body{{std::string(5000, 'x'), 1}, {"\u00e9" + std::string(5000, 'y'), 1}};
    for (int i = 0; i < 1000; ++i) body[std::to_string(i)] = i;
    const auto read = read_new_business(body);
    EXPECT_LE(read.error().details.size(), 50u);
    for (const auto& one : read.error().details) EXPECT_LE(one.field.size(), 100u);
}

TEST(BusinessRules, a_page_request_has_ranges) {
    const auto page = "page must be a whole number from 1 to 1000000000";
    const auto limit = "limit must be a whole number from 1 to 100";
    struct Case {
        const char* query;
        std::string want;
    };
    const Case cases[] = {
        {"", "ok"},
        {"page=1&limit=20&status=&search=", "ok"},
        {"page=1000000000&limit=100&other=1", "ok"},
        {"page=0", page},
        {"page=-1", page},
        {"page=1.5", page},
        {"page=", page},
        {"page=1x", page},
        {"page=99999999999999999999", page},
        {"limit=0", limit},
        {"limit=101", limit},
        {"limit=abc&page=0", page + std::string("; ") + limit},
        {"status=gone", "status must be active, pending_verification or stealth_mode"},
        {"search=%ff", "search must be valid UTF-8"},
        {"search=a%00b", "search must not contain control characters"},
    };
    for (const auto& c : cases) EXPECT_EQ(outcome(read_page_request(c.query)), c.want) << c.query;
}

TEST(BusinessRules, a_page_request_becomes_a_query) {
    const auto read = read_page_request("page=3&limit=7&status=stealth_mode&search=+Caf%C3%A9%25+").value();
    EXPECT_EQ(read.page, 3);
    EXPECT_EQ(read.query.offset, 14);
    EXPECT_EQ(read.query.limit, 7);
    EXPECT_EQ(read.query.status, store::BusinessStatus::stealth_mode);
    EXPECT_EQ(read.query.search, "Café%");
}

TEST(BusinessRules, days_are_1_to_365) {
    EXPECT_EQ(read_days("", 30).value(), 30);
    EXPECT_EQ(read_days("days=1", 30).value(), 1);
    EXPECT_EQ(read_days("days=365", 30).value(), 365);
    for (const auto* query : {"days=0", "days=366", "days=", "days=x", "days=+3", "days=3.0"})
        EXPECT_EQ(outcome(read_days(query, 30)), "days must be a whole number from 1 to 365") << query;
}

}  // namespace
}  // namespace pulse::dashboard
