#pragma once
// Time comes through here, so that tests own it. Two clocks: a steady one for deadlines, and the wall
// clock for tokens and timestamps.
#include <chrono>
#include <string>

namespace pulse {

using Duration = std::chrono::steady_clock::duration;
using TimePoint = std::chrono::steady_clock::time_point;
// The wall clock, UTC, in milliseconds: what the contract's timestamps and JWT claims are read against.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    virtual WallTime wall_now() const = 0;
};

// The machine's clocks. Lives for the whole program; safe from any thread.
const Clock& system_clock();

// ISO 8601 in UTC with milliseconds: 2026-01-31T09:30:00.000Z (contract section 4).
std::string to_iso8601(WallTime time);

}  // namespace pulse
