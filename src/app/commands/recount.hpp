#pragma once
// `pulseboard recount [--fix]`. Returns the exit code.
#include <iosfwd>

#include "app/settings.hpp"
#include "store/types.hpp"

namespace pulse::app {

// A line for each tenant whose kept sums are not what counting everything again gives. Done: none, or all
// are corrected now; failed: there are some.
int recount(const Settings& settings, store::Recount what, std::ostream& out, std::ostream& err);

}  // namespace pulse::app
