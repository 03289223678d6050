// The REST API of contract section 4, called through the real router, guard and envelope.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "dashboard/activity_controller.hpp"
#include "dashboard/business_controller.hpp"
#include "dashboard/dashboard_controller.hpp"
#include "dashboard/fake_cache.hpp"
#include "dashboard/fake_store.hpp"
#include "http/testing.hpp"

namespace pulse::dashboard {
namespace {

using namespace http::testing;
namespace json = boost::json;

class Rest : public ::testing::Test {
protected:
    http::Router make_router() {
        http::Router router;
        dashboard.add_routes(router);
        businesses.add_routes(router);
        activity.add_routes(router);
        return router;
    }

    net::Response call(std::string method, std::string target, std::string body = {}) {
        return ask(api, signed_request(std::move(method), std::move(target), tenant, std::move(body)));
    }
    net::Response record(std::string events) {
        return ask(api, signed_request("POST", "/api/activity", service, R"({"events":)" + events + "}"));
    }
    static json::object data(const net::Response& response) {
        return json_of(response).at("data").as_object();
    }

    FakeClock clock;
    testing::FakeStore store;
    testing::FakeCache cache;
    KpiService kpis{store, cache};
    DashboardController dashboard{store, kpis, clock};
    BusinessController businesses{store, kpis, clock};
    ActivityController activity{store, clock};
    const auth::TokenVerifier verifier = make_verifier();
    http::Api api{
        make_router(), verifier, clock, {.allowed_origins = {}, .rate_limit = 0, .trusted_proxy = {}}};
    const UserId user = UserId::random();
    const std::string tenant = token_for(clock, user, "tenant");
    const std::string service = token_for(clock, UserId::random(), "service");
};

TEST_F(Rest, kpis_are_read_once_and_then_come_from_the_cache) {
    store.kpis[user] = {.active_businesses = 2, .invites = 16, .views = 9, .messages = 1, .version = 3};
    const auto want = R"({"success":true,"data":{"activeBusinesses":2,"responseRate":6.3,"landlordViews":9,)"
                      R"("messagesTotal":1}})";
    for (int i = 0; i < 3; ++i) EXPECT_EQ(call("GET", "/api/dashboard/tenant/kpis").body, want);
    EXPECT_EQ(store.kpi_reads, 1u);
    store.out_of_reach = true;
    EXPECT_EQ(call("GET", "/api/dashboard/tenant/kpis").body, want);
}

TEST_F(Rest, a_tenant_without_businesses_has_a_dashboard_of_zeros) {
    EXPECT_EQ(call("GET", "/api/dashboard/tenant").body,
              R"({"success":true,"data":{"kpis":{"activeBusinesses":0,"responseRate":0,"landlordViews":0,)"
              R"("messagesTotal":0},"businesses":[],"total":0}})");
}

TEST_F(Rest, the_dashboard_lists_twenty_businesses_and_how_many_there_are) {
    for (int i = 0; i < 25; ++i) store.add(user, "b" + std::to_string(i));
    store.add(UserId::random(), "somebody else's");
    const auto all = data(call("GET", "/api/dashboard/tenant"));
    EXPECT_EQ(all.at("businesses").as_array().size(), 20u);
    EXPECT_EQ(all.at("total").as_int64(), 25);
}

TEST_F(Rest, a_database_out_of_reach_is_503_with_retry_after) {
    store.out_of_reach = true;
    for (const auto& response :
         {call("GET", "/api/dashboard/tenant"), call("GET", "/api/dashboard/tenant/kpis"),
          call("GET", "/api/businesses"), call("POST", "/api/businesses", R"({"name":"a","category":"b"})"),
          record(R"([{"id":"0f0e0d0c-0b0a-4908-8706-050403020100",)"
                 R"("businessId":"0f0e0d0c-0b0a-4908-8706-050403020100","type":"view"}])")}) {
        EXPECT_EQ(response.status, 503u);
        EXPECT_EQ(error_code(response), "UNAVAILABLE");
        EXPECT_EQ(field(response, "Retry-After"), "1");
    }
}

TEST_F(Rest, a_business_is_created_shown_changed_and_deleted) {
    const auto created = call("POST", "/api/businesses", R"({"name":" Nord ","category":"Cafe"})");
    EXPECT_EQ(created.status, 201u);
    const auto business = data(created).at("business").as_object();
    EXPECT_EQ(business.at("name").as_string(), "Nord");
    EXPECT_EQ(store.last_owner.id, user);
    EXPECT_EQ(store.last_owner.email, "someone@example.com");
    const auto path = "/api/businesses/" + std::string(business.at("id").as_string());

    EXPECT_EQ(data(call("GET", path)).at("business").as_object(), business);
    const auto patched = call("PATCH", path, R"({"stealth_mode_enabled":true})");
    EXPECT_EQ(patched.status, 200u);
    EXPECT_TRUE(data(patched).at("business").at("stealth_mode_enabled").as_bool());

    const auto deleted = call("DELETE", path);
    EXPECT_EQ(deleted.status, 200u);
    EXPECT_EQ(data(deleted).at("businessId"), business.at("id"));
    EXPECT_EQ(call("GET", path).status, 404u);
}

TEST_F(Rest, a_write_makes_the_next_kpis_new) {
    call("GET", "/api/dashboard/tenant/kpis");
    call("POST", "/api/businesses", R"({"name":"a","category":"b"})");
    call("GET", "/api/dashboard/tenant/kpis");
    EXPECT_EQ(store.kpi_reads, 2u);
}

TEST_F(Rest, an_unknown_a_foreign_and_a_malformed_id_are_the_same_404) {
    const auto foreign = store.add(UserId::random(), "not yours").id.to_string();
    std::string first;
    for (const auto& id : {foreign, BusinessId::random().to_string(), std::string("7"), std::string("%00")})
        for (const auto& response :
             {call("GET", "/api/businesses/" + id), call("DELETE", "/api/businesses/" + id),
              call("PATCH", "/api/businesses/" + id, R"({"name":"mine"})"),
              call("GET", "/api/businesses/" + id + "/metrics")}) {
            EXPECT_EQ(response.status, 404u) << id;
            if (first.empty()) first = response.body;
            EXPECT_EQ(response.body, first);
        }
    EXPECT_EQ(store.rows.size(), 1u);
}

TEST_F(Rest, ids_are_read_in_any_case) {
    auto id = store.add(user, "b").id.to_string();
    const auto lower = id;
    for (auto& c : id) c = char(std::toupper(c));
    EXPECT_EQ(data(call("GET", "/api/businesses/" + id)).at("business").at("id").as_string(), lower);
}

TEST_F(Rest, a_taken_address_is_409) {
    store.address_taken = true;
    const auto response = call("POST", "/api/businesses", R"({"name":"a","category":"b"})");
    EXPECT_EQ(response.status, 409u);
    EXPECT_EQ(error_code(response), "CONFLICT");
}

TEST_F(Rest, a_wrong_body_names_every_field) {
    const auto response = call("POST", "/api/businesses", R"({"name":"","colour":"red"})");
    EXPECT_EQ(response.status, 400u);
    EXPECT_EQ(error_code(response), "VALIDATION_ERROR");
    EXPECT_EQ(json_of(response).at("error").at("details").as_array().size(), 3u);
    EXPECT_EQ(error_code(call("POST", "/api/businesses", "{")), "INVALID_JSON");
    EXPECT_EQ(error_code(call("POST", "/api/businesses")), "INVALID_JSON");
    EXPECT_TRUE(store.rows.empty());
}

TEST_F(Rest, pages_say_whether_there_is_more) {
    for (int i = 0; i < 5; ++i) store.add(user, "b");
    const auto page = [&](std::string query) { return data(call("GET", "/api/businesses?" + query)); };
    EXPECT_TRUE(page("limit=2&page=2").at("hasMore").as_bool());
    EXPECT_FALSE(page("limit=2&page=3").at("hasMore").as_bool());
    EXPECT_FALSE(page("limit=2&page=9").at("hasMore").as_bool());
    EXPECT_EQ(page("limit=2&page=3").at("businesses").as_array().size(), 1u);
    EXPECT_EQ(page("").at("limit").as_int64(), 20);
    EXPECT_EQ(page("").at("total").as_int64(), 5);
    EXPECT_EQ(call("GET", "/api/businesses?limit=101").status, 400u);
}

TEST_F(Rest, metrics_cover_the_days_asked_for) {
    const auto today = std::chrono::floor<std::chrono::days>(clock.wall_now());
    const auto id = store.add(user, "b").id;
    store.days[id][today] = {.views = 2};
    store.days[id][today - std::chrono::days(89)] = {.views = 3};
    store.days[id][today - std::chrono::days(90)] = {.views = 4};
    const auto path = "/api/businesses/" + id.to_string() + "/metrics";
    const auto all = data(call("GET", path));
    EXPECT_EQ(all.at("totals").at("views_count").as_int64(), 9);
    ASSERT_EQ(all.at("history").as_array().size(), 2u);
    EXPECT_EQ(all.at("history").at(0).at("date").as_string(), "2026-03-15");
    EXPECT_EQ(all.at("history").at(0).at("views_count").as_int64(), 2);
    EXPECT_EQ(all.at("history").at(0).as_object().size(), 7u);
    EXPECT_EQ(data(call("GET", path + "?days=1")).at("history").as_array().size(), 1u);
    EXPECT_EQ(call("GET", path + "?days=366").status, 400u);
}

TEST_F(Rest, trends_read_twice_the_days_asked_for) {
    const auto all = data(call("GET", "/api/dashboard/tenant/trends?days=7"));
    EXPECT_EQ(all.at("days").as_array().size(), 7u);
    EXPECT_EQ(store.last_range.second - store.last_range.first, std::chrono::days(13));
    EXPECT_EQ(data(call("GET", "/api/dashboard/tenant/trends")).at("days").as_array().size(), 30u);
    EXPECT_EQ(call("GET", "/api/dashboard/tenant/trends?days=0").status, 400u);
}

TEST_F(Rest, activity_counts_each_id_once_and_answers_each_event) {
    const auto business = store.add(user, "b").id.to_string();
    const auto event = [](std::string id, const std::string& of, std::string more) {
        return R"({"id":")" + id + R"(","businessId":")" + of + R"(","type":"view")" + more + "}";
    };
    const auto id = EventId::random().to_string();
    const auto bad = record("[" + event(id, business, R"(,"count":0)") + "]");
    EXPECT_EQ(bad.status, 200u);
    EXPECT_EQ(data(bad).at("rejected").at(0).at("code").as_string(), "VALIDATION_ERROR");

    const auto other = EventId::random().to_string();
    const auto answer =
        data(record("[" + event(other, BusinessId::random().to_string(), "") + "," +
                    event(id, business, R"(,"count":5)") + "," + event(id, business, "") + ",7]"));
    EXPECT_EQ(answer.at("accepted").as_int64(), 1);
    EXPECT_EQ(answer.at("duplicates").as_int64(), 1);
    ASSERT_EQ(answer.at("rejected").as_array().size(), 2u);
    EXPECT_EQ(answer.at("rejected").at(0).at("code").as_string(), "NOT_FOUND");
    EXPECT_EQ(answer.at("rejected").at(1).at("index").as_int64(), 3);
    EXPECT_EQ(data(record("[" + event(id, business, "") + "]")).at("duplicates").as_int64(), 1);
    EXPECT_EQ(record("[]").status, 400u);
}

TEST_F(Rest, each_role_has_its_own_routes) {
    EXPECT_EQ(ask(api, signed_request("GET", "/api/businesses", service)).status, 403u);
    EXPECT_EQ(ask(api, signed_request("POST", "/api/activity", tenant, "{}")).status, 403u);
    for (const auto* path :
         {"/api/dashboard/tenant", "/api/dashboard/tenant/kpis", "/api/dashboard/tenant/trends",
          "/api/businesses", "/api/businesses/7", "/api/businesses/7/metrics"})
        EXPECT_EQ(ask(api, request("GET", path)).status, 401u) << path;
}

}  // namespace
}  // namespace pulse::dashboard
