#include "dashboard/json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace pulse::dashboard {
namespace {

namespace json = boost::json;

TEST(Json, a_business_has_the_contracts_members) {
    store::Business business;
    business.name = "Caf\u00e9 \"Nord\"";
    business.category = "Cafe";
    EXPECT_EQ(
        json::serialize(to_json(business)),
        R"({"id":"00000000-0000-0000-0000-000000000000","user_id":"00000000-0000-0000-0000-000000000000",)"
        R"("name":"Café \"Nord\"","logo_url":null,"category":"Cafe","status":"pending_verification",)"
        R"("is_verified":false,"stealth_mode_enabled":false,"created_at":"1970-01-01T00:00:00.000Z",)"
        R"("updated_at":"1970-01-01T00:00:00.000Z"})");
    business.logo_url = "https://example.com/a.png";
    EXPECT_EQ(to_json(business).at("logo_url").as_string(), "https://example.com/a.png");
}

TEST(Json, totals_are_named_as_their_columns) {
    EXPECT_EQ(json::serialize(totals_to_json({1, 2, 3, 4, 5, 6})),
              R"({"views_count":1,"clicks_count":2,"property_invites_count":3,"declined_count":4,)"
              R"("messages_count":5,"qfps_submitted_count":6})");
}

TEST(Json, the_response_rate_is_a_number_as_people_write_it) {
    const auto text = [](std::int64_t tenths) { return kpis_text({.response_rate_tenths = tenths}); };
    EXPECT_NE(text(755).find(R"("responseRate":75.5,)"), std::string::npos);
    EXPECT_NE(text(1000).find(R"("responseRate":100,)"), std::string::npos);
    EXPECT_NE(text(0).find(R"("responseRate":0,)"), std::string::npos);
    EXPECT_NE(text(1).find(R"("responseRate":0.1,)"), std::string::npos);
}

RC_GTEST_PROP(Json, kpis_as_text_and_as_object_are_the_same, ()) {
    const Kpis kpis{*rc::gen::inRange<std::int64_t>(0, INT64_MAX), *rc::gen::inRange<std::int64_t>(0, 1001),
                    *rc::gen::inRange<std::int64_t>(0, INT64_MAX),
                    *rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
    const auto text = json::parse(kpis_text(kpis)).as_object();
    RC_ASSERT(text == kpis_to_json(kpis));
    RC_ASSERT(text.size() == 4u);
}

TEST(Json, dates_are_written_with_leading_zeros) {
    EXPECT_EQ(to_text(std::chrono::sys_days(std::chrono::year(2026) / 1 / 9)), "2026-01-09");
}

}  // namespace
}  // namespace pulse::dashboard
