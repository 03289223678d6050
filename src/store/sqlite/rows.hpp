#pragma once
// Between the text of SQLite's columns and the values of types.hpp. Pure functions.
#include <optional>
#include <string>
#include <string_view>

#include "store/sqlite/query.hpp"
#include "store/types.hpp"

namespace pulse::store::sqlite {

std::string to_text(Date date);
Date parse_date(std::string_view text);
// 2026-01-31T09:30:00.000Z; what the schema's CHECK lets through is read without failing.
WallTime parse_time(std::string_view text);
std::int64_t to_milliseconds(WallTime time);

// A SQL prompt can store bytes that are no text. They must not reach a client: a browser drops the
// connection over one such byte. Each becomes U+FFFD.
std::string mend_utf8(std::string text);

// Ids from our own tables, where a CHECK guards them.
template <class IdType>
IdType to_id(std::string_view text) {
    return IdType::parse(text).value_or(IdType{});
}

using BusinessColumns = Out<Text, Text, Text, MaybeText, Text, Text, Integer, Integer, Text, Text>;
inline constexpr char business_columns[] =
    "id, user_id, name, logo_url, category, status, is_verified, stealth_mode_enabled, created_at, "
    "updated_at";
Business to_business(BusinessColumns& row);

// The `business` of a tenant_changes row; nullopt if somebody wrote there who should not have.
std::optional<Business> parse_business(const std::string& json);

using CountColumns = Out<Integer, Integer, Integer, Integer, Integer, Integer>;
Counts to_counts(const CountColumns& row);

std::optional<ChangeKind> parse_kind(std::string_view text);

}  // namespace pulse::store::sqlite
