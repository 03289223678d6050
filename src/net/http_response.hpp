#pragma once
// An answer's head as bytes (RFC 9112 section 4). Pure.
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "net/http_message.hpp"

namespace pulse::net {

enum class Persistence { close, keep_alive, keep_alive_1_0 };

// Replaces `out`. Whatever the handler put into header fields, the head stays one head: line breaks in
// them become spaces.
void write_head(std::string& out, const Response& response, Persistence persistence, WallTime now);

// What answers a request whose handler failed.
Response internal_error();

// Whether an answer of this status carries a body and its length (RFC 9110 section 6.4.1).
bool may_have_body(unsigned status);

std::string_view reason_phrase(unsigned status);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string to_http_date(WallTime time);

}  // namespace pulse::net
