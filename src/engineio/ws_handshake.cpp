#include "engineio/ws_handshake.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "engineio/ws_deflate.hpp"

namespace pulse::engineio {
namespace {

// RFC 9110 section 5.6.2; a subprotocol is a token, and what is echoed must not break the header.
bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

std::string_view first_of_list(std::string_view list) {
    auto item = list.substr(0, list.find(','));
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    return item;
}

}  // namespace

std::string websocket_accept(std::string_view key) {
    const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

net::Response websocket_refusal(unsigned status, std::string_view message) {
    net::Response response;
    response.status = status;
    response.body = message;
    response.close = true;
    response.set("Content-Type", "text/html");
    return response;
}

Result<WebSocketAnswer, net::Response> websocket_handshake(const net::Request& request, bool deflate) {
    const auto& headers = request.headers;
    if (request.method != "GET" || !request.http_1_1) return websocket_refusal(400, "Bad request");
    if (!headers.has_token("upgrade", "websocket") || !headers.has_token("connection", "upgrade")) {
        return websocket_refusal(400, "Bad request");
    }
    if (headers.find("sec-websocket-version").value_or("") != "13") {
        auto response = websocket_refusal(426, "Upgrade Required");
        response.set("Sec-WebSocket-Version", "13");
        return response;
    }
    const auto key = headers.find("sec-websocket-key").value_or("");
    const auto nonce = key.size() == 24 ? base64_decode(key) : std::nullopt;
    if (!nonce || nonce->size() != 16) return websocket_refusal(400, "Bad request");

    std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: ";
    answer += websocket_accept(key);
    const auto offer = headers.find("sec-websocket-protocol");
    if (offer) {
        const auto first = first_of_list(*offer);
        if (!is_token(first)) return websocket_refusal(400, "Bad request");
        answer.append("\r\nSec-WebSocket-Protocol: ").append(first);
    }
    const auto extension = deflate ? accept_deflate(headers) : std::nullopt;
    if (extension) answer.append("\r\nSec-WebSocket-Extensions: ").append(*extension);
    answer += "\r\n\r\n";
    return WebSocketAnswer{std::move(answer), extension.has_value()};
}

}  // namespace pulse::engineio
