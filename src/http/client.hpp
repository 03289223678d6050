#pragma once
// Who is really at the other end, seen through the proxies we trust (TRUSTED_PROXIES). Pure.
#include <functional>
#include <string>
#include <string_view>

#include "net/http_message.hpp"

namespace pulse::http {

struct Client {
    std::string address;
    bool secure = false;  // the client spoke https to the outermost proxy
    bool operator==(const Client&) const = default;
};

using IsTrusted = std::function<bool(std::string_view address)>;

// The rightmost address of X-Forwarded-For that is no trusted proxy's: what stands left of it is only what
// the client itself claims. X-Forwarded-For of a peer that is not trusted counts for nothing.
Client client_of(const net::Request& request, const IsTrusted& trusted);

}  // namespace pulse::http
