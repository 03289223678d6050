#include "dashboard/trends.hpp"

#include <boost/json/array.hpp>

#include "dashboard/json.hpp"

namespace pulse::dashboard {

namespace json = boost::json;

namespace {

void add(store::Counts& sum, const store::Counts& counts) {
    sum.views += counts.views;
    sum.clicks += counts.clicks;
    sum.invites += counts.invites;
    sum.declined += counts.declined;
    sum.messages += counts.messages;
    sum.qfps += counts.qfps;
}

// Trends name the counts shorter than their columns do.
void add_members(json::object& object, const store::Counts& counts) {
    object.emplace("views", counts.views);
    object.emplace("clicks", counts.clicks);
    object.emplace("invites", counts.invites);
    object.emplace("declined", counts.declined);
    object.emplace("messages", counts.messages);
    object.emplace("qfps", counts.qfps);
}

json::object sums_to_json(const store::Counts& counts) {
    json::object object;
    add_members(object, counts);
    return object;
}

}  // namespace

store::Date first_day(store::Date today, std::int64_t days) {
    return today - std::chrono::days(2 * days - 1);
}

Trends trends_of(const std::vector<store::DayCounts>& with_data, store::Date today, std::int64_t days) {
    Trends trends;
    const auto first = today - std::chrono::days(days - 1);
    for (auto date = first; date <= today; date += std::chrono::days(1)) trends.days.push_back({date, {}});
    for (const auto& day : with_data) {
        if (day.date > today || day.date < first_day(today, days)) continue;
        if (day.date < first) {
            add(trends.previous, day.counts);
        } else {
            add(trends.current, day.counts);
            add(trends.days[std::size_t((day.date - first).count())].counts, day.counts);
        }
    }
    return trends;
}

json::object to_json(const Trends& trends) {
    json::array days;
    days.reserve(trends.days.size());
    for (const auto& day : trends.days) {
        json::object one{{"date", to_text(day.date)}};
        add_members(one, day.counts);
        days.emplace_back(std::move(one));
    }
    return {{"days", std::move(days)},
            {"previous", sums_to_json(trends.previous)},
            {"current", sums_to_json(trends.current)}};
}

}  // namespace pulse::dashboard
