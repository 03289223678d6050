// Socket.IO inside of a Boost.Beast server that was there before: one port, one route of the server's own
// (/time), and /socket.io/ for the library. The server's connections live on the thread of main(), sessions
// on two shards.
//
//     beast_host --port 3000
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <string_view>

#include "socketio/beast_host.hpp"
#include "socketio/server.hpp"

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using namespace std::chrono_literals;
using asio::use_awaitable;
using asio::ip::tcp;
using pulse::socketio::BeastHost;

namespace {

// What the server serves by itself.
BeastHost::Response own_answer(const BeastHost::Request& request) {
    const bool known = request.target() == "/time" && request.method() == http::verb::get;
    BeastHost::Response response(known ? http::status::ok : http::status::not_found, request.version());
    response.set(http::field::content_type, "text/plain");
    response.body() = known ? std::to_string(std::time(nullptr)) : "not found";
    response.keep_alive(request.keep_alive());
    response.prepare_payload();
    return response;
}

asio::awaitable<void> serve_connection(BeastHost& socket_io, tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    for (;;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(socket_io.body_limit());
        stream.expires_after(60s);
        co_await http::async_read(stream, buffer, parser, use_awaitable);
        auto request = parser.release();

        // docs: beast
        if (socket_io.owns(request.target()) && beast::websocket::is_upgrade(request)) {
            socket_io.upgrade(stream.socket(), request, buffer.data());  // the library's from now on
            co_return;
        }
        BeastHost::Response response;
        if (socket_io.owns(request.target())) {
            stream.expires_never();  // a poll is answered when there is something to say
            response = co_await socket_io.async_handle(stream.socket(), std::move(request), use_awaitable);
        } else {
            response = own_answer(request);
        }
        // docs end
        stream.expires_after(30s);
        co_await http::async_write(stream, response, use_awaitable);
        if (!response.keep_alive()) co_return;
    }
}

asio::awaitable<void> accept(BeastHost& socket_io, tcp::acceptor& acceptor) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
        asio::co_spawn(acceptor.get_executor(), serve_connection(socket_io, std::move(socket)),
                       [](const std::exception_ptr&) {});  // a connection that broke
    }
}

std::optional<std::uint16_t> port_in(int argc, char** argv) {
    if (argc != 3 || std::string_view(argv[1]) != "--port") return std::nullopt;
    const std::string_view text = argv[2];
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return port;
}

}  // namespace

int main(int argc, char** argv) {
    const auto port = port_in(argc, argv);
    if (!port) return std::cerr << "usage: beast_host --port N\n", 2;

    asio::io_context server(1);
    pulse::net::ShardPool shards(2, pulse::system_clock());
    pulse::socketio::Server io(shards, {});
    io.of("/").on_connection([](pulse::socketio::Socket& socket) {
        socket.on("echo",
                  [](const pulse::socketio::Args& args, const pulse::socketio::Ack& ack) { ack(args); });
        socket.on("everybody",
                  [&nsp = socket.nsp()](const pulse::socketio::Args& args, const pulse::socketio::Ack&) {
                      nsp.emit("news", args);
                  });
    });
    BeastHost socket_io(shards, {&io.engine()});
    shards.start();

    tcp::acceptor acceptor(server, {asio::ip::make_address("127.0.0.1"), *port});
    asio::co_spawn(server, accept(socket_io, acceptor), [](const std::exception_ptr&) {});
    std::cout << "listening on http://127.0.0.1:" << acceptor.local_endpoint().port() << std::endl;

    asio::signal_set end(server, SIGINT, SIGTERM);
    end.async_wait([&server](auto, int) { server.stop(); });
    server.run();
    shards.stop();
}
