#pragma once
// Calls code that is not ours from an event loop, which serves others too: what it throws is logged and goes
// no further.
#include <exception>
#include <string_view>

namespace pulse {

// A line in the log. Not written here, because this header comes with that of the Redis client, whose users
// need not have the logging library.
void log_thrown(std::string_view what, std::string_view message);

// False if it threw. `what` names whose code it is: "a handler of requests".
template <class F>
bool guarded(std::string_view what, F&& call) {
    try {
        call();
        return true;
    } catch (const std::exception& error) {
        log_thrown(what, error.what());
    } catch (...) {
        log_thrown(what, {});
    }
    return false;
}

}  // namespace pulse
