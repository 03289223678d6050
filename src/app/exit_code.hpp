#pragma once
// What the program returns to whoever called it (contract section 1).
namespace pulse::app {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;       // while running
inline constexpr int exit_wrong_usage = 2;  // or configuration

}  // namespace pulse::app
