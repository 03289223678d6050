#pragma once
// The days behind the dashboard's trend lines (contract section 4). Pure.
#include <boost/json/object.hpp>
#include <cstdint>
#include <vector>

#include "store/types.hpp"

namespace pulse::dashboard {

struct Trends {
    std::vector<store::DayCounts> days;  // every day, oldest first; the last is today
    store::Counts previous;              // sums of as many days before them
    store::Counts current;               // sums of `days`
    bool operator==(const Trends&) const = default;
};

// The first day that the sums of before need: what must be read reaches from here to today.
store::Date first_day(store::Date today, std::int64_t days);
// `with_data`: the days from first_day() to today that have any, in any order.
Trends trends_of(const std::vector<store::DayCounts>& with_data, store::Date today, std::int64_t days);
boost::json::object to_json(const Trends& trends);

}  // namespace pulse::dashboard
