#include "app/root_handler.hpp"

#include "http/envelope.hpp"

namespace pulse::app {

std::size_t RootHandler::most_body_bytes() const { return sockets_.engine().options().max_http_buffer_size; }

void RootHandler::on_request(net::Request request, net::Responder responder) {
    if (sockets_.engine().owns(request.path())) {
        sockets_.engine().handle(std::move(request), std::move(responder));
    } else {
        routes_.on_request(std::move(request), std::move(responder));
    }
}

void RootHandler::on_upgrade(net::Request request, net::Upgrade upgrade) {
    if (sockets_.engine().owns(request.path()))
        return sockets_.engine().upgrade(std::move(request), std::move(upgrade));
    upgrade.refuse(http::failure(404, "NOT_FOUND", "No such path"));
}

net::Response RootHandler::on_bad_request(unsigned status, std::string_view why, const net::Request& so_far) {
    if (sockets_.engine().owns(so_far.path())) return sockets_.engine().bad_request(status, so_far);
    return routes_.on_bad_request(status, why, so_far);
}

std::shared_ptr<net::Upload> RootHandler::on_upload(const net::Request& head) {
    return sockets_.engine().owns(head.path()) ? sockets_.engine().upload(head) : nullptr;
}

}  // namespace pulse::app
