#pragma once
// Between what a database hands out as text and the values of types.hpp, the same for every database.
// Pure functions.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/types.hpp"

namespace pulse::store::sql {

std::string to_text(Date date);
Date parse_date(std::string_view text);
// 2026-01-31T09:30:00.000Z; anything else is read without failing.
WallTime parse_time(std::string_view text);

// A SQL prompt can store bytes that are no text. They must not reach a client: a browser drops the
// connection over one such byte. Each becomes U+FFFD.
std::string mend_utf8(std::string text);

// Ids from tables that guard them.
template <class IdType>
IdType to_id(std::string_view text) {
    return IdType::parse(text).value_or(IdType{});
}

// The `business` of a tenant_changes row; nullopt if somebody wrote there who should not have.
std::optional<Business> parse_business(const std::string& json);
std::optional<ChangeKind> parse_kind(std::string_view text);

// The business as the patch leaves it; updated_at stays.
Business patched(Business business, const BusinessPatch& patch);

inline Error no_business() { return {ErrorCode::not_found, "no such business"}; }

}  // namespace pulse::store::sql
