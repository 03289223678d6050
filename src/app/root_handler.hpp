#pragma once
// Joins the two servers that share a port: what the Socket.IO path owns goes there, all else to the routes.
#include "http/api.hpp"
#include "net/http_server.hpp"
#include "socketio/server.hpp"

namespace pulse::app {

class RootHandler final : public net::HttpHandler {
public:
    RootHandler(http::Api& routes, socketio::Server& sockets)
        : routes_(routes), sockets_(sockets) {}  // both outlive it

    std::size_t most_body_bytes() const override;
    void on_request(net::Request request, net::Responder responder) override;
    void on_upgrade(net::Request request, net::Upgrade upgrade) override;
    net::Response on_bad_request(unsigned status, std::string_view why, const net::Request& so_far) override;
    std::shared_ptr<net::Upload> on_upload(const net::Request& head) override;

private:
    http::Api& routes_;
    socketio::Server& sockets_;
};

}  // namespace pulse::app
