#include "socketio/standalone.hpp"

#include <algorithm>

namespace pulse::socketio {
namespace {

net::Response plain(unsigned status, std::string_view text) {
    net::Response response;
    response.status = status;
    response.set("content-type", "text/plain; charset=utf-8");
    response.body = text;
    return response;
}

}  // namespace

engineio::Server* Standalone::owner(std::string_view path) const {
    for (auto* engine : engines_) {
        if (engine->owns(path)) return engine;
    }
    return nullptr;
}

std::size_t Standalone::most_body_bytes() const {
    std::size_t most = 0;
    for (const auto* engine : engines_) most = std::max(most, engine->options().max_http_buffer_size);
    return most;
}

void Standalone::on_request(net::Request request, net::Responder responder) {
    if (auto* engine = owner(request.path())) return engine->handle(std::move(request), std::move(responder));
    if (otherwise_) return otherwise_(std::move(request), std::move(responder));
    responder.send(plain(404, "not found"));
}

void Standalone::on_upgrade(net::Request request, net::Upgrade upgrade) {
    if (auto* engine = owner(request.path())) return engine->upgrade(std::move(request), std::move(upgrade));
    upgrade.refuse(plain(404, "not found"));
}

net::Response Standalone::on_bad_request(unsigned status, std::string_view why, const net::Request& so_far) {
    if (auto* engine = owner(so_far.path())) return engine->bad_request(status, so_far);
    return plain(status, why);
}

std::shared_ptr<net::Upload> Standalone::on_upload(const net::Request& head) {
    auto* const engine = owner(head.path());
    return engine ? engine->upload(head) : nullptr;
}

}  // namespace pulse::socketio
