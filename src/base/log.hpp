#pragma once
// The program's log: asynchronous, one line per fact, secrets never in it. Any thread. Lines go to
// standard error; standard output belongs to what scripts read ("listening on …").
#include <spdlog/fmt/fmt.h>

#include <string>
#include <string_view>

namespace pulse::log {

enum class Level { trace, debug, info, warn, error };
enum class Format { text, json };

// Call once, before the first line; without it, lines of info and above go out as text.
void setup(Level level, Format format);
// Writes out what is queued; call before the process ends.
void flush();

bool enabled(Level level);
void write(Level level, std::string_view message);

template <class... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::debug)) write(Level::debug, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::info)) write(Level::info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::warn)) write(Level::warn, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::error)) write(Level::error, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace pulse::log
