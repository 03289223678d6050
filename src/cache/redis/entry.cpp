#include "cache/redis/entry.hpp"

#include <charconv>

namespace pulse::cache {
namespace {

// Versions are compared as decimal text: Lua's numbers are exact only up to 2^53.
constexpr std::string_view fill_text = R"(
local function newer(a, b) return #a > #b or (#a == #b and a > b) end
local guard = redis.call('GET', KEYS[2])
local known = guard and string.match(guard, '^(%d+):')
if known and newer(known, ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[1] .. ':' .. redis.sha1hex(ARGV[2]), 'PX', ARGV[4])
return 1
)";

// The value goes first: a Redis that is out of memory takes no SET, but after a DEL it does.
constexpr std::string_view invalidate_text = R"(
local function newer(a, b) return #a > #b or (#a == #b and a > b) end
local guard = redis.call('GET', KEYS[2])
local known = guard and string.match(guard, '^(%d+):')
if known and not newer(ARGV[1], known) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], ARGV[1] .. ':', 'PX', ARGV[2])
return 1
)";

}  // namespace

std::string value_key(UserId user) { return "dashboard:kpis:" + user.to_string(); }
std::string guard_key(UserId user) { return value_key(user) + ":version"; }

std::optional<Guard> parse_guard(std::string_view text) {
    Guard guard;
    const auto end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, guard.version);
    if (error != std::errc() || rest == end || *rest != ':') return std::nullopt;
    guard.digest = {rest + 1, std::size_t(end - rest - 1)};
    return guard;
}

const redis::Script& fill_script() {
    static const redis::Script script(fill_text);
    return script;
}

const redis::Script& invalidate_script() {
    static const redis::Script script(invalidate_text);
    return script;
}

}  // namespace pulse::cache
