#pragma once
// What a request about businesses may say, read into what the store takes. Every mistake is listed. Pure.
#include <boost/json/object.hpp>
#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "store/types.hpp"

namespace pulse::dashboard {

Result<store::NewBusiness> read_new_business(const boost::json::object& body);
Result<store::BusinessPatch> read_business_patch(const boost::json::object& body);

struct PageRequest {
    std::int64_t page = 1;
    store::BusinessQuery query;
};
// ?page=1&limit=20&status=&search=, still encoded. What else is in the query is ignored.
Result<PageRequest> read_page_request(std::string_view query);

// ?days=30, 1 to 365.
Result<std::int64_t> read_days(std::string_view query, std::int64_t otherwise);

}  // namespace pulse::dashboard
