#pragma once
// What a handler is given: one request, who sends it, and what the path's pattern named. Lives on the shard
// where the request arrived, until its answer is made; it is never copied or moved, so views into it hold.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/token.hpp"
#include "net/http_message.hpp"
#include "net/shard.hpp"

namespace pulse::http {

struct Context {
    explicit Context(net::Request received) : request(std::move(received)) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    // The path's part where the pattern has ":name", as sent; empty if it has none of that name.
    std::string_view param(std::string_view name) const {
        for (const auto& [known, value] : params)
            if (known == name) return value;
        return {};
    }

    net::Request request;
    net::Shard* shard = nullptr;
    auth::Identity identity;     // of guarded routes
    std::string client_address;  // through trusted proxies
    bool secure = false;         // https at the outermost trusted proxy
    std::vector<std::pair<std::string_view, std::string_view>> params;
};

}  // namespace pulse::http
