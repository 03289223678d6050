#pragma once
// Case-insensitive comparison by Unicode (contract section 4, search in names). A pure function.
#include <string>
#include <string_view>

namespace pulse::store::sqlite {

// Two texts that differ only in case, or in how accents are composed, fold to the same bytes. Text that is
// not UTF-8 is folded as far as ASCII goes.
std::string casefold(std::string_view text);

}  // namespace pulse::store::sqlite
