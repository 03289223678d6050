#pragma once
// `pulseboard check-config`. Returns the exit code.
#include <iosfwd>

#include "app/settings.hpp"

namespace pulse::app {

// Every setting with its effective value on `out`, secrets masked; what is wrong, or missing for `serve`,
// and what is not advisable on `err`.
int check_config(const LoadedSettings& loaded, std::ostream& out, std::ostream& err);

}  // namespace pulse::app
