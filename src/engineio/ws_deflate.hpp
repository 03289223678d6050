#pragma once
// The websocket extension permessage-deflate (RFC 7692), always without context takeover: a message's
// compressed form depends on nothing before it, so one serves every socket of a broadcast, and an idle
// connection holds no window. Pure; any thread, each keeps one compressor.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http_message.hpp"

namespace pulse::engineio {

// The value of Sec-WebSocket-Extensions that answers the client's first offer we can take (section 7.1);
// nullopt: there is none. Declined is what demands a smaller window of the server, since frames are made once
// for all.
std::optional<std::string> accept_deflate(const net::Headers& headers);

// The payload of a message with RSV1 set, by section 7.2.1. nullopt if it does not get smaller.
std::optional<std::string> deflate_message(std::string_view payload, int level);

enum class InflateError {
    invalid,  // not what a compressor makes
    too_big,  // more than `limit` bytes
};
// Section 7.2.2; stops at `limit`, whatever the input would unfold to.
Result<std::string, InflateError> inflate_message(std::string_view payload, std::size_t limit);

}  // namespace pulse::engineio
