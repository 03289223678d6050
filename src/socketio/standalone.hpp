#pragma once
// An HTTP handler for programs that serve Socket.IO and little else: requests of an Engine.IO path go to
// its server, the others to `otherwise`, or are answered 404.
#include <functional>
#include <vector>

#include "engineio/server.hpp"
#include "net/http_server.hpp"

namespace pulse::socketio {

class Standalone final : public net::HttpHandler {
public:
    using Otherwise = std::function<void(net::Request, net::Responder)>;  // any shard
    explicit Standalone(std::vector<engineio::Server*> engines, Otherwise otherwise = nullptr)
        : engines_(std::move(engines)), otherwise_(std::move(otherwise)) {}

    std::size_t most_body_bytes() const override;
    void on_request(net::Request request, net::Responder responder) override;
    void on_upgrade(net::Request request, net::Upgrade upgrade) override;
    net::Response on_bad_request(unsigned status, std::string_view why, const net::Request& so_far) override;
    std::shared_ptr<net::Upload> on_upload(const net::Request& head) override;

private:
    engineio::Server* owner(std::string_view path) const;
    std::vector<engineio::Server*> engines_;
    Otherwise otherwise_;
};

}  // namespace pulse::socketio
