#pragma once
// A small blocking HTTP client for the simulator: one keep-alive connection to a server on this machine.
// One thread at a time.
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace pulse::dashboard {

struct HttpReply {
    unsigned status = 0;
    std::string body;
};

class HttpClient {
public:
    HttpClient(std::string host, std::uint16_t port, Duration deadline);
    ~HttpClient();

    // Sends JSON with a bearer token; reconnects by itself. Error: unavailable.
    Result<HttpReply> send(std::string_view method, std::string_view target, std::string_view token,
                           std::string_view body);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pulse::dashboard
