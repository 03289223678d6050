// One chat served by several processes: start this twice, on two ports and one Redis, and clients of either
// meet in the same rooms. Node servers with the stock @socket.io/redis-adapter may take part.
//
//     two_nodes --port 3000 --redis redis://127.0.0.1:6379
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <iostream>
#include <map>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "redis/client.hpp"
#include "redis/url.hpp"
#include "socketio/event.hpp"
#include "socketio/redis_adapter/redis_adapter.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using socketio::Event, socketio::Socket;

namespace {

constexpr Event<void(std::string)> join("join");
constexpr Event<void(std::string, std::string)> say("say");    // room, words
constexpr Event<void(std::string, std::string)> said("said");  // who, words
constexpr Event<std::vector<std::string>(std::string)> who_is_in("who is in");

void serve(socketio::Namespace& chat) {
    // docs: cluster
    chat.on_connection([&chat](Socket& socket) {
        on(socket, join, [&socket](const std::string& room) { socket.join(room); });
        // To the room's sockets on every node, this one included.
        on(socket, say, [&chat, &socket](const std::string& room, const std::string& words) {
            emit(chat.to(room), said, socket.id(), words);
        });
        // Asks every node. The answer is given later, from some shard: Reply may be called anywhere.
        using Ids = std::vector<std::string>;
        on(socket, who_is_in, [&chat](const std::string& room, const socketio::Reply<Ids>& reply) {
            chat.in(room).fetch_sockets([reply](const socketio::FetchedSockets& fetched) {
                Ids ids;
                for (const auto& one : fetched.sockets) ids.push_back(one.id);
                reply(ids);
            });
        });
    });
    // docs end
}

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::string> given{{"--port", "3000"}, {"--redis", "redis://127.0.0.1:6379"}};
    for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
    const auto target = redis::parse_url(given["--redis"]);
    if (!target) return std::cerr << "two_nodes: " << target.error().message << '\n', 2;

    // docs: adapter
    net::ShardPool shards(2, system_clock());
    redis::Client redis(shards[0], *target);
    socketio::Server io(shards, {});
    serve(io.of("/"));
    io.of("/").use_adapter(socketio::redis_adapter::create_adapter(redis));
    // docs end
    socketio::Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    redis.start();
    const auto port = http.listen("127.0.0.1", std::uint16_t(std::atoi(given["--port"].c_str())));
    if (port.has_error()) return std::cerr << "two_nodes: " << port.error().message << '\n', 1;

    boost::asio::io_context main_loop;
    boost::asio::signal_set end(main_loop, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    std::cout << "listening on http://127.0.0.1:" << *port << std::endl;
    main_loop.run();
    shards.stop();
}
