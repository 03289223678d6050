#pragma once
// REDIS_URL: where Redis is and how to log in. Pure; any thread.
//   redis://[user[:password]@]host[:port][/db]      redis://:password@host, redis://[::1]:6380/2
//   unix:///path/of/socket?db=2                     also redis+unix:, unix://user:password@/path
// Reserved characters in user and password are percent-encoded.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pulse::redis {

struct Target {
    std::string host;  // a name or an address without brackets; empty: the socket at `path`
    std::uint16_t port = 6379;
    std::string path;
    std::string user;  // empty: Redis's default user
    std::string password;
    std::uint32_t database = 0;
    bool operator==(const Target&) const = default;

    // For the log: place and database, never user or password.
    std::string to_string() const;
};

// `invalid` with a message that says what to do and repeats nothing of the secret part.
Result<Target> parse_url(std::string_view url);

}  // namespace pulse::redis
