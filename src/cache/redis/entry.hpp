#pragma once
// What is in Redis for a user, and the scripts that change it. Pure; any thread.
//
// Two keys. The value is the contract's: dashboard:kpis:<userId> holds the KPIs as JSON and nothing else,
// and the original Node application may write and delete it beside us. The guard, at
// dashboard:kpis:<userId>:version, says what we know of it: "<version>:<SHA-1 of the JSON>", or
// "<version>:" after an invalidation. A value whose digest is not the guard's was written by somebody else,
// from a state we cannot tell the version of, and counts as not there.
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "cache/cache.hpp"
#include "redis/script.hpp"

namespace pulse::cache {

std::string value_key(UserId user);
std::string guard_key(UserId user);

struct Guard {
    Version version = 0;
    std::string_view digest;  // empty: there is no value of ours
};
std::optional<Guard> parse_guard(std::string_view text);

// KEYS value, guard; ARGV version, JSON, TTL of the value and of the guard in ms. 1: kept; 0: something newer
// is known.
const redis::Script& fill_script();
// KEYS value, guard; ARGV version, TTL of the guard in ms. Afterwards no value older than `version` is there.
const redis::Script& invalidate_script();

}  // namespace pulse::cache
