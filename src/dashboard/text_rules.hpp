#pragma once
// What a text that people typed must be like (contract section 4): counted in code points, trimmed, without
// control characters; and what makes a URL one. Pure.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pulse::dashboard {

// What is wrong with a field, as its owner is told: "must be 1 to 255 characters".
struct Wrong {
    std::string message;
};

// The text without white space at its ends, or what is wrong with it.
Result<std::string, Wrong> checked_text(std::string_view text, std::size_t least, std::size_t most);

// An http or https URL with a host, or what is wrong with it.
Result<std::string, Wrong> checked_url(std::string_view text, std::size_t most);

// How many code points, or nullopt if the text is not UTF-8.
std::optional<std::size_t> count_code_points(std::string_view text);

}  // namespace pulse::dashboard
