#pragma once
// Whether two decoded values are the same to a handler: binary is compared by its bytes, wherever it stands
// among the attachments.
#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace pulse::fuzz {

// What is not finite equals null, which is what JSON makes of it; other numbers of floating point may differ
// by what Boost.JSON 1.81 rounds when it reads.
bool same(const boost::json::value& a, const std::vector<std::string>& attachments_a,
          const boost::json::value& b, const std::vector<std::string>& attachments_b);

std::size_t count_values(const boost::json::value& value);
std::size_t depth_of(const boost::json::value& value);

}  // namespace pulse::fuzz
