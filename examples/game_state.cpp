// The state of many games at once: players move in matches, and everybody in a match follows. A client that
// reads too slowly skips positions, never the last one; who enters a match is sent where everybody is.
// Stock clients connect to http://127.0.0.1:3000/game, or to the port given as an argument.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using socketio::Ack, socketio::Args, socketio::Socket;

namespace {

struct Player {
    std::string match;
    std::string name;
};

// nullptr: not in a match.
std::shared_ptr<Player> player_of(Socket& socket) { return std::static_pointer_cast<Player>(socket.data()); }

void leave(socketio::Namespace& game, Socket& socket) {
    const auto player = player_of(socket);
    if (!player) return;
    socket.data().reset();
    socket.leave(player->match);
    // docs: forget
    game.to(player->match).forget(player->name);
    game.to(player->match).emit("left", Args({player->name}));
    // docs end
}

void serve(socketio::Namespace& game) {
    game.on_connection([&game](Socket& socket) {
        socket.on("enter", [&game, &socket](const Args& args, const Ack& ack) {
            if (args.size() != 2 || !args[0].is_string() || !args[1].is_string()) return;
            leave(game, socket);
            const Player player{std::string(args[0].get_string()), std::string(args[1].get_string())};
            socket.data() = std::make_shared<Player>(player);
            // docs: join
            socket.join(player.match);  // sends the newest position of everybody in the match
            ack(Args({true}));
            // docs end
        });
        socket.on("move", [&game, &socket](const Args& args, const Ack& ack) {
            const auto player = player_of(socket);
            if (!player || args.size() != 1) return;
            // docs: conflate
            game.to(player->match)
                .conflate(player->name)  // a client that is behind gets the newest position only
                .retain(player->name)    // and so does who joins
                .emit("position", Args({player->name, args[0]}));
            // docs end
            ack(Args({true}));
        });
        socket.on_disconnect([&game, &socket](socketio::DisconnectReason) { leave(game, socket); });
    });
}

}  // namespace

int main(int argc, char** argv) {
    net::ShardPool shards(2, system_clock());
    socketio::Options options;
    options.engine.cors.any_origin = true;
    // docs: unsent
    options.engine.max_unsent_bytes = 16 * 1024;  // what the kernel holds is old when it leaves
    // docs end
    socketio::Server io(shards, options);
    serve(io.of("/game"));

    socketio::Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto port = http.listen("127.0.0.1", argc > 1 ? std::uint16_t(std::atoi(argv[1])) : 3000);
    if (port.has_error()) return std::cerr << port.error().message << '\n', 1;
    std::cout << "listening on http://127.0.0.1:" << *port << std::endl;

    boost::asio::io_context main_loop;
    boost::asio::signal_set end(main_loop, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    main_loop.run();
    shards.stop();
}
