// A chat whose clients miss nothing when their connection breaks for a while: they come back as who they
// were, in their rooms, and get what was said meanwhile. The stock client then says `socket.recovered`.
//
//     recovering_chat --port 3000 --away 120
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <csignal>
#include <iostream>
#include <string_view>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/recovery.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;

namespace {

std::optional<unsigned> number_after(std::string_view name, int argc, char** argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        if (argv[i] != name) continue;
        const std::string_view text = argv[i + 1];
        unsigned number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc() && end == text.data() + text.size() && number < 65536) return number;
    }
    return std::nullopt;
}

void serve_chat(socketio::Namespace& nsp, Duration away) {
    socketio::LogRecoveryOptions recovery;
    recovery.max_disconnection = away;
    nsp.use_recovery(recovery);
    nsp.on_connection([&nsp](socketio::Socket& socket) {
        socket.on("enter", [&socket](const socketio::Args& args, const socketio::Ack& ack) {
            if (args.size() > 0 && args[0].is_string()) socket.join(std::string(args[0].as_string()));
            ack();
        });
        // ("room", what is said, which may be binary)
        socket.on("say", [&nsp](const socketio::Args& args, const socketio::Ack& ack) {
            if (args.size() != 2 || !args[0].is_string()) return;
            auto said = args;
            said.json.erase(said.json.begin());
            nsp.to(std::string(args[0].as_string())).emit("said", said);
            ack();
        });
        socket.on("whisper", [&nsp](const socketio::Args& args, const socketio::Ack& ack) {
            if (args.size() != 2 || !args[0].is_string()) return;
            nsp.to(std::string(args[0].as_string())).volatile_().emit("whispered", socketio::Args({args[1]}));
            ack();
        });
    });
}

}  // namespace

int main(int argc, char** argv) {
    const auto port = number_after("--port", argc, argv);
    const auto away = number_after("--away", argc, argv);
    if (!port || !away) {
        std::cerr << "usage: recovering_chat --port N --away SECONDS\n";
        return 2;
    }
    net::ShardPool shards(2, system_clock());
    socketio::Server io(shards, {});
    serve_chat(io.of("/"), std::chrono::seconds(*away));
    socketio::Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto listening = http.listen("127.0.0.1", std::uint16_t(*port));
    if (listening.has_error()) {
        std::cerr << "recovering_chat: " << listening.error().message << '\n';
        return 1;
    }
    std::cout << "listening on http://127.0.0.1:" << *listening << std::endl;

    boost::asio::io_context signals;
    boost::asio::signal_set end(signals, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    signals.run();
    shards.stop();
}
