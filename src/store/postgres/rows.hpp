#pragma once
// The columns of PostgreSQL's tables as the values of types.hpp, and what an adopted database may have
// otherwise than one of our own making. Pure functions, but for facts_of().
#include <string>

#include "store/postgres/connection.hpp"
#include "store/sql/rows.hpp"
#include "store/types.hpp"

namespace pulse::store::postgres {

using sql::mend_utf8;
using sql::to_id;
using sql::to_text;

// Dates and times as the log's JSON has them, whether the column has a time zone or not (the session's is
// UTC).
inline constexpr char business_columns[] =
    "id, user_id, name, logo_url, category, status, is_verified, stealth_mode_enabled,"
    " to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),"
    " to_char(updated_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";
Business to_business(const Rows& rows, int row);

// Six columns from `column` on.
Counts to_counts(const Rows& rows, int row, int column);

std::string ids_array(const std::vector<UserId>& ids);
std::string ids_array(const std::vector<BusinessId>& ids);

// What statements depend on and only the database knows.
struct Facts {
    bool folds_by_unicode = true;    // a UTF-8 database on a server with ICU
    bool users_have_times = true;    // created_at and updated_at
    std::int64_t counter_limit = 0;  // the most that each of the six counters holds
};
Facts facts_of(Connection& connection);

}  // namespace pulse::store::postgres
