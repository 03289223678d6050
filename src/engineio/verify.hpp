#pragma once
// Whether a request may reach or open a session: the checks of Engine.IO 4 in the reference server's
// order, of which the first failure is answered. Pure; any thread.
#include <optional>
#include <string>
#include <string_view>

#include "engineio/server.hpp"
#include "net/http_message.hpp"

namespace pulse::engineio {

enum class Refusal {  // the protocol's error codes
    unknown_transport = 0,
    unknown_sid = 1,
    bad_handshake_method = 2,
    bad_request = 3,
    forbidden = 4,
    unsupported_version = 5,
};

struct Refused {
    Refusal code = Refusal::bad_request;
    std::string message{};
    bool operator==(const Refused&) const = default;
};

std::string_view message_of(Refusal refusal);
Refused refused(Refusal refusal);

// What a request says about itself. A transport that is not enabled is nullopt.
struct RequestFacts {
    std::optional<TransportKind> transport{};
    bool upgrade = false;  // asked to leave HTTP
    bool version_4 = false;
    bool force_base64 = false;
    std::optional<std::string> sid{};
};
RequestFacts facts_of(const net::Request& request, bool upgrade, const Options& options);

// What can be said without the session: on any shard. With a sid, verify_session() follows.
std::optional<Refused> verify_request(const net::Request& request, const RequestFacts& facts,
                                      const Options& options);

// On the session's shard; `current` is the session's transport, nullopt if there is no such session.
std::optional<Refused> verify_session(std::string_view method, const RequestFacts& facts,
                                      std::optional<TransportKind> current);

// The answer to a polling request: {"code":1,"message":"Session ID unknown"}.
net::Response refusal_response(const Refused& refused);

}  // namespace pulse::engineio
