#pragma once
// Reads a point in time as ISO 8601 writes it, with any offset from UTC. Pure.
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace pulse::dashboard {

// 2026-01-31T09:30:00.123Z, with Z, ±hh:mm, ±hhmm or ±hh; seconds and their fraction may be missing, and
// digits beyond milliseconds are dropped. A time without offset is nobody's in particular: nullopt.
std::optional<WallTime> parse_iso8601(std::string_view text);

}  // namespace pulse::dashboard
