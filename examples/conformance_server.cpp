// What the official protocol suites expect to talk to, both on one port: an Engine.IO echo server on
// /engine.io/ and a Socket.IO server on /socket.io/ (contract section 7).
//
//     conformance_server --port 3000
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <csignal>
#include <iostream>
#include <string_view>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using namespace std::chrono_literals;

namespace {

class Echo final : public engineio::SessionListener {
public:
    explicit Echo(engineio::Session& session) : session_(session) {}
    void on_text(std::string_view message) override { session_.send(engineio::Frame::text_message(message)); }
    void on_binary(std::string_view bytes) override { session_.send(engineio::Frame::binary_message(bytes)); }
    void on_close(engineio::CloseReason) override {}

private:
    engineio::Session& session_;
};

engineio::Options engine_options(std::string path) {
    engineio::Options options;
    options.path = std::move(path);
    options.ping_interval = 300ms;
    options.ping_timeout = 200ms;
    options.max_http_buffer_size = 1'000'000;
    options.cors.any_origin = true;
    options.per_message_deflate.enabled = true;
    return options;
}

void serve_suite(socketio::Namespace& nsp) {
    nsp.on_connection([](socketio::Socket& socket) {
        socket.emit("auth", socketio::Args({boost::json::value(socket.handshake().auth)}));
        socket.on("message", [&socket](const socketio::Args& args, const socketio::Ack&) {
            socket.emit("message-back", args);
        });
        socket.on("message-with-ack",
                  [](const socketio::Args& args, const socketio::Ack& ack) { ack(args); });
    });
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
    if (!port) {
        std::cerr << "usage: conformance_server --port N (0 to 65535; 0 picks a free one)\n";
        return 2;
    }
    // One shard: a suite sends a poll and a close at once, on two connections, and expects them in that
    // order, which only one loop keeps.
    net::ShardPool shards(1, system_clock());
    engineio::Server echo(shards, engine_options("/engine.io/"),
                          [](engineio::Session& session) { return std::make_unique<Echo>(session); });
    socketio::Options options;
    options.engine = engine_options("/socket.io/");
    options.connect_timeout = 1s;
    options.parser_query = "parser";
    socketio::Server io(shards, options);
    serve_suite(io.of("/"));
    serve_suite(io.of("/custom"));

    socketio::Standalone handler({&echo, &io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto listening = http.listen("127.0.0.1", *port);
    if (listening.has_error()) {
        std::cerr << "conformance_server: " << listening.error().message << '\n';
        return 1;
    }
    std::cout << "listening on http://127.0.0.1:" << *listening << std::endl;

    boost::asio::io_context signals;
    boost::asio::signal_set end(signals, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    signals.run();
    shards.stop();
}
