#include "dashboard/activity_batch.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace pulse::dashboard {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const WallTime now{std::chrono::sys_days(std::chrono::year(2026) / 3 / 15) + 12h};
constexpr std::string_view id = "0F0E0D0C-0b0a-4908-8706-050403020100";

json::object body(std::string_view events) {
    return json::parse(R"({"events":)" + std::string(events) + "}").as_object();
}

// One event with these members beside id, businessId and type.
json::object with(std::string_view more) {
    return body(R"([{"id":")" + std::string(id) + R"(","businessId":")" + std::string(id) +
                R"(","type":"view")" + std::string(more) + "}]");
}

TEST(ActivityBatch, fails_as_a_whole_only_without_a_list_of_1_to_1000_events) {
    const auto wrong = [](const json::object& request) {
        const auto read = read_activity(request, now);
        return read ? "" : read.error().details.at(0).field + " " + read.error().details.at(0).message;
    };
    EXPECT_EQ(wrong({}), "events is required");
    EXPECT_EQ(wrong({{"events", json::object()}}), "events must be a list");
    EXPECT_EQ(wrong({{"events", nullptr}}), "events must be a list");
    EXPECT_EQ(wrong({{"events", json::array()}}), "events must hold 1 to 1000 events");
    EXPECT_EQ(wrong({{"events", json::array(1001)}}), "events must hold 1 to 1000 events");
    EXPECT_EQ(wrong({{"events", json::array(1000)}}), "");
}

TEST(ActivityBatch, an_event_is_read_with_its_defaults) {
    const auto batch = read_activity(with(""), now).value();
    ASSERT_EQ(batch.events.size(), 1u);
    const auto& event = batch.events[0];
    EXPECT_EQ(event.id.to_string(), "0f0e0d0c-0b0a-4908-8706-050403020100");
    EXPECT_EQ(event.type, store::ActivityType::view);
    EXPECT_EQ(event.count, 1);
    EXPECT_EQ(event.date, std::chrono::floor<std::chrono::days>(now));
}

TEST(ActivityBatch, an_event_counts_for_its_utc_day) {
    const auto day = [](std::string_view time) {
        return read_activity(with(R"(,"occurredAt":")" + std::string(time) + '"'), now)
            .value()
            .events.at(0)
            .date;
    };
    EXPECT_EQ(day("2026-03-14T23:30:00-01:00"), std::chrono::sys_days(std::chrono::year(2026) / 3 / 15));
    EXPECT_EQ(day("2026-03-15T00:30:00+01:00"), std::chrono::sys_days(std::chrono::year(2026) / 3 / 14));
}

TEST(ActivityBatch, a_bad_event_is_refused_alone_and_told_why) {
    struct Case {
        std::string more;
        const char* want;  // empty: taken
    };
    const Case cases[] = {
        {"", ""},
        {R"(,"count":10000)", ""},
        {R"(,"count":2.0)", ""},
        {R"(,"count":0)", "count must be a whole number from 1 to 10000"},
        {R"(,"count":10001)", "count must be a whole number from 1 to 10000"},
        {R"(,"count":1.5)", "count must be a whole number from 1 to 10000"},
        {R"(,"count":"1")", "count must be a whole number from 1 to 10000"},
        {R"(,"count":null)", "count must be a whole number from 1 to 10000"},
        {R"(,"count":18446744073709551615)", "count must be a whole number from 1 to 10000"},
        {R"(,"count":1e300)", "count must be a whole number from 1 to 10000"},
        {R"(,"occurredAt":"2026-02-13T12:00:00Z")", ""},
        {R"(,"occurredAt":"2026-02-13T11:59:59.999Z")", "occurredAt must be at most 30 days old"},
        {R"(,"occurredAt":"2026-03-15T12:05:00Z")", ""},
        {R"(,"occurredAt":"2026-03-15T12:05:00.001Z")", "occurredAt must be at most 5 minutes ahead"},
        {R"(,"occurredAt":"yesterday")", "occurredAt must be an ISO 8601 time with an offset"},
        {R"(,"occurredAt":1)", "occurredAt must be a string"},
        {R"(,"when":1)", "when is not known"},
        {R"(,"id":"7","type":"sale")",
         "id must be a UUID; type must be view, click, invite, decline, message or qfp"},
    };
    for (const auto& c : cases) {
        const auto batch = read_activity(with(c.more), now).value();
        EXPECT_EQ(batch.rejected.empty() ? "" : batch.rejected[0].message, c.want) << c.more;
        EXPECT_EQ(batch.events.size() + batch.rejected.size(), 1u);
        if (!batch.rejected.empty()) EXPECT_EQ(batch.rejected[0].code, "VALIDATION_ERROR");
    }
    EXPECT_EQ(read_activity(body("[7]"), now).value().rejected.at(0).message, "an event must be an object");
    EXPECT_EQ(read_activity(body("[{}]"), now).value().rejected.at(0).message,
              "id is required; businessId is required; type is required");
}

TEST(ActivityBatch, knows_every_type) {
    const std::pair<const char*, store::ActivityType> types[] = {
        {"view", store::ActivityType::view},       {"click", store::ActivityType::click},
        {"invite", store::ActivityType::invite},   {"decline", store::ActivityType::decline},
        {"message", store::ActivityType::message}, {"qfp", store::ActivityType::qfp}};
    for (const auto& [name, type] : types)
        EXPECT_EQ(
            read_activity(with(R"(,"type":")" + std::string(name) + '"'), now).value().events.at(0).type,
            type);
}

TEST(ActivityBatch, answers_every_event_by_its_index) {
    ActivityBatch batch;
    batch.events.resize(5);
    batch.indexes = {0, 2, 3, 5, 6};
    batch.rejected = {{1, "VALIDATION_ERROR", "x"}, {4, "VALIDATION_ERROR", "y"}};
    using store::ActivityOutcome;
    EXPECT_EQ(
        json::serialize(outcome_to_json(
            batch, {ActivityOutcome::accepted, ActivityOutcome::unknown_business, ActivityOutcome::duplicate,
                    ActivityOutcome::accepted, ActivityOutcome::counter_full})),
        R"({"accepted":2,"duplicates":1,"rejected":[{"index":1,"code":"VALIDATION_ERROR","message":"x"},)"
        R"({"index":2,"code":"NOT_FOUND","message":"no such business"},)"
        R"({"index":4,"code":"VALIDATION_ERROR","message":"y"},)"
        R"({"index":6,"code":"VALIDATION_ERROR","message":"count is more than the counter of that business and )"
        R"(day still holds"}]})");
}

}  // namespace
}  // namespace pulse::dashboard
