#pragma once
// The cookie that names a session, for load balancers that keep a client on its node (Options::cookie). Pure.
#include <string>
#include <string_view>

#include "engineio/server.hpp"

namespace pulse::engineio {

// The value of Set-Cookie (RFC 6265 section 4.1).
std::string set_cookie(const Cookie& cookie, std::string_view sid);

}  // namespace pulse::engineio
