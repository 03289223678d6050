#pragma once
// The operator's port (ADMIN_PORT, on 127.0.0.1): GET /metrics and nothing else.
#include <functional>
#include <string>

#include "net/http_server.hpp"

namespace pulse::app {

class AdminHandler final : public net::HttpHandler {
public:
    explicit AdminHandler(std::function<std::string()> metrics) : metrics_(std::move(metrics)) {}

    void on_request(net::Request request, net::Responder responder) override;
    void on_upgrade(net::Request request, net::Upgrade upgrade) override;
    net::Response on_bad_request(unsigned status, std::string_view why, const net::Request& so_far) override;

private:
    net::Response answer(const net::Request& request) const;
    const std::function<std::string()> metrics_;
};

}  // namespace pulse::app
