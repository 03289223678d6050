#include "dashboard/activity_batch.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "dashboard/iso8601.hpp"
#include "dashboard/members.hpp"

namespace pulse::dashboard {

namespace json = boost::json;

namespace {

constexpr std::size_t most_events = 1000;
constexpr std::int64_t most_per_event = 10'000;
constexpr auto oldest = std::chrono::days(30);
constexpr auto farthest_ahead = std::chrono::minutes(5);

template <class Id>
std::optional<Id> read_id(Members& event, std::string_view name) {
    event.require(name);
    const auto text = event.text(name);
    if (!text) return std::nullopt;
    const auto id = Id::parse(*text);
    if (!id) event.wrong(name, "must be a UUID");
    return id;
}

std::optional<store::ActivityType> parse_type(std::string_view text) {
    using store::ActivityType;
    constexpr std::pair<std::string_view, ActivityType> types[] = {
        {"view", ActivityType::view},       {"click", ActivityType::click},
        {"invite", ActivityType::invite},   {"decline", ActivityType::decline},
        {"message", ActivityType::message}, {"qfp", ActivityType::qfp}};
    for (const auto& [name, type] : types)
        if (name == text) return type;
    return std::nullopt;
}

std::optional<store::ActivityType> read_type(Members& event) {
    event.require("type");
    const auto text = event.text("type");
    if (!text) return std::nullopt;
    const auto type = parse_type(*text);
    if (!type) event.wrong("type", "must be view, click, invite, decline, message or qfp");
    return type;
}

WallTime read_time(Members& event, WallTime now) {
    const auto text = event.text("occurredAt");
    if (!text) return now;
    const auto time = parse_iso8601(*text);
    if (!time)
        event.wrong("occurredAt", "must be an ISO 8601 time with an offset");
    else if (*time < now - oldest)
        event.wrong("occurredAt", "must be at most 30 days old");
    else if (*time > now + farthest_ahead)
        event.wrong("occurredAt", "must be at most 5 minutes ahead");
    else
        return *time;
    return now;
}

// One line for all that is wrong with an event: "count must be …; type is required".
std::string in_one_line(const Error& error) {
    std::string line;
    for (const auto& one : error.details) line += (line.empty() ? "" : "; ") + one.field + " " + one.message;
    return line;
}

Result<store::ActivityEvent, Wrong> read_event(const json::value& value, WallTime now) {
    const auto* object = value.if_object();
    if (!object) return Wrong{"an event must be an object"};
    Members event(*object);
    const auto id = read_id<EventId>(event, "id");
    const auto business = read_id<BusinessId>(event, "businessId");
    const auto type = read_type(event);
    const auto count = event.integer("count", 1, most_per_event);
    const auto time = read_time(event, now);
    event.allow_only({"id", "businessId", "type", "count", "occurredAt"});
    if (!event.good()) return Wrong{in_one_line(event.error())};
    return store::ActivityEvent{*id, *business, *type, count.value_or(1),
                                std::chrono::floor<std::chrono::days>(time)};
}

Error wrong_events(std::string message) {
    return {ErrorCode::invalid, "Validation failed", {{"events", std::move(message)}}};
}

}  // namespace

Result<ActivityBatch> read_activity(const json::object& body, WallTime now) {
    const auto* events = body.if_contains("events");
    if (!events) return wrong_events("is required");
    const auto* list = events->if_array();
    if (!list) return wrong_events("must be a list");
    if (list->empty() || list->size() > most_events) return wrong_events("must hold 1 to 1000 events");

    ActivityBatch batch;
    batch.events.reserve(list->size());
    batch.indexes.reserve(list->size());
    for (std::size_t i = 0; i < list->size(); ++i) {
        auto event = read_event((*list)[i], now);
        if (event) {
            batch.events.push_back(*event);
            batch.indexes.push_back(i);
        } else {
            batch.rejected.push_back({i, "VALIDATION_ERROR", event.error().message});
        }
    }
    return batch;
}

json::object outcome_to_json(const ActivityBatch& batch,
                             const std::vector<store::ActivityOutcome>& outcomes) {
    auto rejected = batch.rejected;
    std::int64_t accepted = 0;
    std::int64_t duplicates = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        switch (outcomes[i]) {
            case store::ActivityOutcome::accepted:
                ++accepted;
                break;
            case store::ActivityOutcome::duplicate:
                ++duplicates;
                break;
            case store::ActivityOutcome::unknown_business:
                rejected.push_back({batch.indexes[i], "NOT_FOUND", "no such business"});
                break;
            case store::ActivityOutcome::counter_full:
                rejected.push_back({batch.indexes[i], "VALIDATION_ERROR",
                                    "count is more than the counter of that business and day still holds"});
                break;
        }
    }
    std::sort(rejected.begin(), rejected.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
    json::array list;
    for (const auto& one : rejected)
        list.push_back(json::object{{"index", one.index}, {"code", one.code}, {"message", one.message}});
    return {{"accepted", accepted}, {"duplicates", duplicates}, {"rejected", std::move(list)}};
}

}  // namespace pulse::dashboard
