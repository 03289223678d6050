#pragma once
// `pulseboard token`. Returns the exit code.
#include <iosfwd>

#include "app/command_line.hpp"
#include "base/clock.hpp"

namespace pulse::app {

// The token alone on `out`. Any role is written as given: an unknown one makes a token without rights.
int print_token(const Settings& settings, const TokenOptions& options, WallTime now, std::ostream& out,
                std::ostream& err);

}  // namespace pulse::app
