#pragma once
// The server's side of the WebSocket handshake (RFC 6455 section 4.2). Pure; any thread.
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http_message.hpp"

namespace pulse::engineio {

// Sec-WebSocket-Accept for a client's Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

struct WebSocketAnswer {
    std::string head;      // the whole 101 answer as it goes onto the connection
    bool deflate = false;  // permessage-deflate was negotiated
};

// The answer, or the response that refuses: 426 for a version other than 13, else 400. `deflate`: whether
// permessage-deflate is agreed to if it is offered; no other extension is. Of offered subprotocols the first
// is echoed, since a browser fails a connection whose offer nobody answers.
Result<WebSocketAnswer, net::Response> websocket_handshake(const net::Request& request, bool deflate);

// An error before the 101, in the form of the reference server: the bare text as HTML, then the end.
net::Response websocket_refusal(unsigned status, std::string_view message);

}  // namespace pulse::engineio
