#pragma once
// Which content codings a client takes (RFC 9110 section 12.5.3). Pure; any thread.
#include <string_view>

namespace pulse::net {

// Whether an Accept-Encoding field allows `coding` ("gzip", "br", in lower case): by name or by "*", unless
// its weight is zero. "x-gzip" is another name of gzip.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

}  // namespace pulse::net
