// A chat in one screen: sockets join rooms, what they say reaches everybody else in the room, and an
// acknowledgement tells the speaker. Stock clients connect to http://127.0.0.1:3000/chat.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <iostream>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/event.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using socketio::Event, socketio::Socket;

constexpr Event<void(std::string)> join("join");                            // room
constexpr Event<bool(std::string, std::string)> say("say");                 // room, words; answered true
constexpr Event<void(std::string, std::string, std::string)> said("said");  // room, who, words
constexpr Event<void(std::string)> left("left");                            // who

int main(int argc, char** argv) {
    net::ShardPool shards(2, system_clock());  // two threads
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
        on(socket, join, [&socket](const std::string& room) { socket.join(room); });
        on(socket, say, [&socket, &name](const std::string& room, const std::string& words) {
            emit(socket.to(room), said, room, name, words);
            return true;
        });
        socket.on_disconnect([&chat, &name](auto) { emit(chat, left, name); });
    });

    socketio::Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto port = http.listen("127.0.0.1", argc > 1 ? std::uint16_t(std::atoi(argv[1])) : 3000);
    if (port.has_error()) return std::cerr << port.error().message << '\n', 1;

    boost::asio::io_context main_loop;
    boost::asio::signal_set end(main_loop, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    std::cout << "listening on http://127.0.0.1:" << *port << std::endl;
    main_loop.run();
    shards.stop();
}
