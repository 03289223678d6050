#pragma once
// Files built into the program (assets.S): the page and the stock Socket.IO client. Immutable; any thread.
#include <string_view>

namespace pulse::app {

std::string_view index_html();
std::string_view socket_io_client();  // socket.io.min.js of npm's socket.io-client

}  // namespace pulse::app
