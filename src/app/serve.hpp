#pragma once
// The two subcommands that serve. Both return the program's exit code (contract section 1).
#include "app/settings.hpp"

namespace pulse::app {

int serve(const Settings& settings);
int demo(Settings settings);

}  // namespace pulse::app
