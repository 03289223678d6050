// A chat that @socket.io/admin-ui can look into: run it, open the application (its files are in the npm
// package, or use https://admin.socket.io), and sign in to http://127.0.0.1:3000 as "admin".
//
//     admin --password secret [--port 3000] [--ui http://localhost:8080] [--development] [--read-only]
//     [--sparing]
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <csignal>
#include <iostream>
#include <span>
#include <string_view>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/admin/admin.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using socketio::Ack, socketio::Args, socketio::Socket;

namespace {

struct Chosen {
    std::uint16_t port = 3000;
    std::string password;
    std::string ui = "https://admin.socket.io";
    socketio::AdminMode mode = socketio::AdminMode::production;
    bool read_only = false;
    bool sparing = false;
};

bool read(std::span<char*> words, Chosen& chosen) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string_view word = words[i];
        const std::string_view value = i + 1 < words.size() ? words[i + 1] : "";
        if (word == "--development") {
            chosen.mode = socketio::AdminMode::development;
        } else if (word == "--read-only") {
            chosen.read_only = true;
        } else if (word == "--sparing") {
            chosen.sparing = true;
        } else if (word == "--password") {
            chosen.password = value, ++i;
        } else if (word == "--ui") {
            chosen.ui = value, ++i;
        } else if (word == "--port") {
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), chosen.port);
            if (error != std::errc() || end != value.data() + value.size()) return false;
            ++i;
        } else {
            return false;
        }
    }
    return !chosen.password.empty();
}

void serve_chat(socketio::Server& io) {
    io.of("/").on_connection([&io](Socket& socket) {
        socket.on("enter", [&socket](const Args& args, const Ack& ack) {
            if (args.size() == 1 && args[0].is_string()) socket.join(std::string(args[0].get_string()));
            ack();
        });
        socket.on("say", [&io](const Args& args, const Ack& ack) {
            if (args.size() < 2 || !args[0].is_string()) return;
            auto said = args;
            said.json.erase(said.json.begin());
            io.to(std::string(args[0].get_string())).emit("said", said);
            ack();
        });
    });
}

}  // namespace

int main(int argc, char** argv) {
    Chosen chosen;
    if (!read({argv, std::size_t(argc)}, chosen)) {
        std::cerr << "usage: admin --password SECRET [--port N] [--ui ORIGIN] [--development] [--read-only]"
                     " [--sparing]\n";
        return 2;
    }
    net::ShardPool shards(2, system_clock());
    // docs: admin
    socketio::Options options;
    options.engine.cors.allowed_origins = {chosen.ui};  // where the application's page comes from
    options.engine.cors.credentials = true;             // it sends cookies along
    socketio::Server io(shards, options);
    socketio::instrument(io, {.auth = socketio::AdminAuth::password("admin", chosen.password),
                              .mode = chosen.mode,
                              .read_only = chosen.read_only,
                              .max_changes_per_second = chosen.sparing ? 1u : 500u});
    // docs end
    serve_chat(io);

    socketio::Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto port = http.listen("127.0.0.1", chosen.port);
    if (port.has_error()) return std::cerr << port.error().message << '\n', 1;
    std::cout << "listening on http://127.0.0.1:" << *port << std::endl;

    boost::asio::io_context main_loop;
    boost::asio::signal_set end(main_loop, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    main_loop.run();
    shards.stop();
}
