#pragma once
// `pulseboard migrate [--down]`. Returns the exit code.
#include <iosfwd>

#include "app/settings.hpp"

namespace pulse::app {

// up: creates or upgrades the schema of the configured database; safe to repeat. down: takes away again what
// that added to a database with other tables.
enum class Direction { up, down };
int migrate(const Settings& settings, Direction direction, std::ostream& out, std::ostream& err);

}  // namespace pulse::app
