#pragma once
// `pulseboard migrate`. Returns the exit code.
#include <iosfwd>

#include "app/settings.hpp"

namespace pulse::app {

// Creates or upgrades the schema of the configured database; safe to repeat.
int migrate(const Settings& settings, std::ostream& out, std::ostream& err);

}  // namespace pulse::app
