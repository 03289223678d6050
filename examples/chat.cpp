// A chat room in one screen: sockets join rooms, what they say reaches everybody else in the room, and an
// acknowledgement tells the speaker that it was sent. Stock clients connect to http://127.0.0.1:3000/chat.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using socketio::Ack, socketio::Args, socketio::Socket;

int main() {
    net::ShardPool shards(2, system_clock());
    socketio::Options options;
    options.engine.cors.any_origin = true;
    socketio::Server io(shards, options);
    auto& chat = io.of("/chat");

    chat.use([](Socket& socket, socketio::Next next) {
        const auto* name = socket.handshake().auth.if_contains("name");
        if (!name || !name->is_string()) return next.refuse({"Say who you are: auth.name"});
        socket.data() = std::make_shared<std::string>(name->get_string());
        next();
    });
    chat.on_connection([&chat](Socket& socket) {
        const std::string& name = *std::static_pointer_cast<std::string>(socket.data());
        socket.on("join", [&socket](const Args& args, const Ack&) {
            if (args.size() == 1 && args[0].is_string()) socket.join(std::string(args[0].get_string()));
        });
        socket.on("say", [&chat, &socket, &name](const Args& args, const Ack& ack) {
            if (args.size() != 2 || !args[0].is_string()) return;
            const std::string room(args[0].get_string());
            chat.to(room).except(socket.id()).emit("said", Args({room, name, args[1]}));
            ack(Args({true}));
        });
        socket.on_disconnect([&chat, &name](socketio::DisconnectReason reason) {
            chat.emit("left", Args({name, to_string(reason)}));
        });
    });

    socketio::Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto port = http.listen("127.0.0.1", 3000);
    if (port.has_error()) return std::cerr << port.error().message << '\n', 1;
    std::cout << "listening on http://127.0.0.1:" << *port << std::endl;

    boost::asio::io_context main_loop;
    boost::asio::signal_set end(main_loop, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    main_loop.run();
    shards.stop();
}
