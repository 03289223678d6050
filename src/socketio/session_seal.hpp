#pragma once
// Recoverable sessions that are kept by the client: the `pid` of CONNECT (wire: connection state recovery)
// names the session, when and from which offset it began, and is sealed with HMAC-SHA256 for one namespace
// and one owner. The socket's id follows from it one way only, so knowing an id never gives its pid. Pure;
// any thread.
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "net/shard.hpp"

namespace pulse::socketio {

class SessionSeal {
public:
    struct Session {
        std::string pid;
        std::string sid;
        std::string start;
    };
    explicit SessionSeal(std::string_view secret);

    Session seal(std::string_view nsp, std::string_view owner, net::ShardId shard, std::string_view start,
                 WallTime now) const;
    // nullopt: not ours, another's, or too old.
    std::optional<Session> open(std::string_view pid, std::string_view nsp, std::string_view owner,
                                WallTime now, Duration max_age) const;

private:
    std::string tag(std::string_view body, std::string_view nsp, std::string_view owner) const;
    std::string sid_of(std::string_view body) const;
    std::string key_;
};

}  // namespace pulse::socketio
