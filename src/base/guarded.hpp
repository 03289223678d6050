#pragma once
// Calls code that is not ours from an event loop, which serves others too: what it throws is logged and goes
// no further.
#include <exception>
#include <string_view>

#include "base/log.hpp"

namespace pulse {

// False if it threw. `what` names whose code it is: "a handler of requests".
template <class F>
bool guarded(std::string_view what, F&& call) {
    try {
        call();
        return true;
    } catch (const std::exception& error) {
        log::error("{} threw: {}", what, error.what());
    } catch (...) {
        log::error("{} threw", what);
    }
    return false;
}

}  // namespace pulse
