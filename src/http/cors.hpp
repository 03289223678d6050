#pragma once
// CORS: which origins' pages may read our answers, credentials included (FRONTEND_URL). Our own origin
// needs no header. Immutable; any thread.
#include <string>
#include <string_view>
#include <vector>

#include "net/http_message.hpp"

namespace pulse::http {

class Cors {
public:
    explicit Cors(std::vector<std::string> origins);  // "https://app.example.com", a final '/' is ignored

    bool allows(std::string_view origin) const;
    // Added to every answer: it depends on Origin, so caches must know, even if this one names none.
    void mark(const net::Request& request, net::Response& answer) const;
    // The answer to OPTIONS on a path with these methods, preflight (Fetch standard, CORS-preflight) or not.
    net::Response options(const net::Request& request, std::string_view methods) const;

private:
    std::vector<std::string> origins_;
};

}  // namespace pulse::http
