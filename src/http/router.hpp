#pragma once
// Routes of the REST API: method and path pattern to a handler, with the JSON envelope, CORS, the auth
// guard and rate limits around it (contract section 4). Built before traffic; then read from every shard.
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "auth/token.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "net/http_message.hpp"
#include "net/shard.hpp"

namespace pulse::http {

// What a handler is given. Lives until its answer is made.
struct Context {
    net::Request request;
    net::Shard* shard = nullptr;
    auth::Identity identity;                     // of guarded routes
    std::map<std::string, std::string, std::less<>> params;  // ":id" of the pattern
    std::string client_address;                  // through trusted proxies
    bool secure = false;                         // https at the outermost trusted proxy
};

}  // namespace pulse::http
