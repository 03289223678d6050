#pragma once
// The columns of SQLite's tables as the values of types.hpp. Pure functions.
#include "store/sql/rows.hpp"
#include "store/sqlite/query.hpp"
#include "store/types.hpp"

namespace pulse::store::sqlite {

using sql::mend_utf8;
using sql::parse_date;
using sql::parse_time;
using sql::to_id;
using sql::to_text;

std::int64_t to_milliseconds(WallTime time);

using BusinessColumns = Out<Text, Text, Text, MaybeText, Text, Text, Integer, Integer, Text, Text>;
inline constexpr char business_columns[] =
    "id, user_id, name, logo_url, category, status, is_verified, stealth_mode_enabled, created_at, "
    "updated_at";
Business to_business(BusinessColumns& row);

using CountColumns = Out<Integer, Integer, Integer, Integer, Integer, Integer>;
Counts to_counts(const CountColumns& row);

}  // namespace pulse::store::sqlite
