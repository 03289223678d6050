#include "app/admin.hpp"

namespace pulse::app {
namespace {

net::Response plain(unsigned status, std::string text) {
    net::Response response{.status = status, .body = std::move(text)};
    response.set("Content-Type", "text/plain; charset=utf-8");
    return response;
}

}  // namespace

void AdminHandler::on_request(net::Request request, net::Responder responder) {
    responder.send(answer(request));
}

void AdminHandler::on_upgrade(net::Request, net::Upgrade upgrade) {
    upgrade.refuse(plain(404, "see /metrics\n"));
}

net::Response AdminHandler::on_bad_request(unsigned status, std::string_view why, const net::Request&) {
    return plain(status, std::string(why) + "\n");
}

net::Response AdminHandler::answer(const net::Request& request) const {
    if (request.path() != "/metrics") return plain(404, "see /metrics\n");
    if (request.method != "GET" && request.method != "HEAD") {
        auto refusal = plain(405, "GET only\n");
        refusal.set("Allow", "GET, HEAD");
        return refusal;
    }
    auto response = plain(200, metrics_());
    // The version of the exposition format is part of its media type.
    response.headers.front().second = "text/plain; version=0.0.4; charset=utf-8";
    return response;
}

}  // namespace pulse::app
