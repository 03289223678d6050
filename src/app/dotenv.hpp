#pragma once
// The .env file (contract section 2): NAME=value lines, # comments, optional quotes. Pure but for reading.
//
// `export ` before a name, CRLF and a byte order mark are tolerated. In quotes, single or double, a value
// is taken literally; without them it is trimmed and ends before " #". The last of two equal names wins.
#include <filesystem>
#include <string_view>

#include "app/settings.hpp"
#include "base/result.hpp"

namespace pulse::app {

// The error names the line, never its text: it may be a secret.
Result<TextValues> parse_dotenv(std::string_view text);

// No such file: no values.
Result<TextValues> read_dotenv(const std::filesystem::path& file);

}  // namespace pulse::app
