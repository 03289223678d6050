#pragma once
// A password typed on the terminal, unseen. Blocks.
#include <string>

#include "base/result.hpp"

namespace pulse::app {

// Asks twice on the controlling terminal, without echo. Error: there is no terminal, or the two differ.
Result<std::string> ask_password();

}  // namespace pulse::app
