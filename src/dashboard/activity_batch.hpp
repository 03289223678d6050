#pragma once
// What landlords did, as POST /api/activity brings it: a list of events, each good or bad by itself. Pure.
#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/types.hpp"

namespace pulse::dashboard {

struct Rejected {
    std::size_t index = 0;  // in the request's list
    std::string code;       // VALIDATION_ERROR or NOT_FOUND
    std::string message;
    bool operator==(const Rejected&) const = default;
};

struct ActivityBatch {
    std::vector<store::ActivityEvent> events;  // the good ones, in order
    std::vector<std::size_t> indexes;          // where each stood in the request
    std::vector<Rejected> rejected;            // by index
};

// Fails only if `events` is missing, no list, empty or longer than 1000.
Result<ActivityBatch> read_activity(const boost::json::object& body, WallTime now);

// What became of the batch, as it is answered: {"accepted","duplicates","rejected"}.
boost::json::object outcome_to_json(const ActivityBatch& batch,
                                    const std::vector<store::ActivityOutcome>& outcomes);

}  // namespace pulse::dashboard
