#pragma once
// The SQL that compares what the triggers keep with what counting everything again gives, and puts it right;
// the same for every database. Pure text: ids are written into it, and hold nothing but digits and hyphens.
#include <string>
#include <vector>

#include "store/types.hpp"

namespace pulse::store::sql {

// user_id, the five columns of its row in tenant_kpis, and the four that were counted; by user_id. One row
// for each tenant whose row, days or totals per business are wrong.
std::string differences();

// Makes everything kept for one tenant what is counted now, with a new version and changes in the log that
// make dashboards look. To be run in this order, while nobody else writes any of it.
std::vector<std::string> corrections(UserId user);

}  // namespace pulse::store::sql
