// The C++ side of docs/socketio/from_node.md, compiled: tests/docs_snippets.test.mjs looks for each piece of
// its table here. The program sets all of it up, and ends.
#include <boost/asio/co_spawn.hpp>
#include <iostream>
#include <regex>
#include <tuple>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/recovery.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using namespace pulse::socketio;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

struct User {
    std::string name;
};

// Making a server
void options_of(Options& options) {
    options.engine.path = "/socket.io/";
    options.engine.ping_interval = 25s;
    options.engine.ping_timeout = 20s;
    options.engine.upgrade_timeout = 10s;
    options.engine.max_http_buffer_size = 1'000'000;
    options.engine.polling = false;
    options.engine.allow_upgrades = false;
    options.engine.http_compression_threshold = 2048;
    options.engine.per_message_deflate = {.enabled = true, .threshold = 2048};
    options.engine.cors.allowed_origins = {"https://example.com"};
    options.engine.cors.credentials = true;
    options.engine.cors.any_origin = true;
    options.engine.allow_request = [](const net::Request& request) {
        return request.headers.find("origin") ? std::nullopt : std::optional<std::string>("no origin");
    };
    options.connect_timeout = 45s;
    options.parser = Parser::msgpack;
}

// The server
void server_of(Server& io) {
    io.of("/").on_connection([](Socket& socket) {});
    io.use([](Socket& socket, Next next) { next(); });
    io.emit("hello", Args({"world"}));
    io.to("room").emit("hello", {});
    io.to("a").to("b").emit("hello", {});
    io.in("room").except("muted").emit("hello", {});
    io.volatile_().emit("hello", {});
    io.compress(false).emit("hello", {});
    io.local().emit("hello", {});
    io.timeout(5s).emit_with_ack("hello", {}, [](std::vector<Args> answers, std::size_t asked) {});
    Namespace& orders = io.of("/orders");
    orders.emit("hello", {});
    io.of(std::regex("/game-[0-9]+"), [](Namespace& game) { game.on_connection([](Socket& socket) {}); });
    io.of([](std::string_view name, const json::object& auth) { return true; }, [](Namespace& nsp) {});
    io.in("room").sockets_join("other");
    const RemoteSocket remote{"its id", {}, {}, {}};
    io.to(remote.id).emit("hello", {});
    io.in(remote.id).sockets_join("room");
    io.sockets().sockets_join("room");
    io.sockets().sockets_leave("room");
    io.sockets().disconnect_sockets();
    std::cout << io.sockets().name() << io.options().engine.path;
    io.emit("message", Args({"hello"}));
    io.in("room").sockets_leave("other");
    io.in("room").disconnect_sockets(true);
    io.sockets().server_side_emit("hello", Args({1}));
    io.sockets().on_server_side("hello", [](const Args& args, Ack ack) {});
    std::cout << io.engine().stats().open;
    std::cout << io.engine().stats().refused[0];
    io.close(100, 10ms, [] {});
}

Task<> server_awaited(Server& io) {
    const BroadcastAnswers got = co_await io.timeout(5s).emit_with_ack("hello", {});
    const FetchedSockets fetched = co_await io.in("room").fetch_sockets();
    const FetchedSockets all = co_await io.sockets().fetch_sockets();
    if (!all.sockets.empty()) {
        std::ignore = all.sockets[0].id;
        std::ignore = all.sockets[0].rooms;
        std::ignore = all.sockets[0].data;
        std::ignore = all.sockets[0].handshake;
    }
    const ServerSideAnswers told = co_await io.sockets().server_side_emit_with_ack("hello", {});
}

// A namespace
void namespace_of(Namespace& nsp) {
    nsp.use_recovery(LogRecoveryOptions{.max_disconnection = 2min});
    nsp.use([](Socket& socket, Next next) {
        if (socket.handshake().auth.empty()) return next.refuse({"unauthorized"});
        next();
    });
    std::cout << nsp.name();
    nsp.on_connection([](Socket& socket) {});
    nsp.use([](Socket& socket, Next next) { next(); });
    nsp.to("room").emit("hello", Args({1, "two"}));
    std::cout << nsp.size();
    nsp.for_each("", [](Socket& socket) { socket.emit("hello", {}); });
    const std::string id("an id");
    nsp.to(id).emit("hello", {});
    std::cout << nsp.has_members("room");
    nsp.on_rooms({.created = [](std::string_view room) {}});
    nsp.on_rooms({.left = [](std::string_view room, Socket& socket) {}});
}

// A socket
void socket_of(Socket& socket) {
    std::cout << socket.id();
    std::cout << socket.connected();
    std::cout << socket.recovered();
    std::cout << socket.nsp().name();
    std::ignore = socket.rooms();
    socket.data() = std::make_shared<User>(User{"ann"});
    std::cout << std::static_pointer_cast<User>(socket.data())->name;
    std::ignore = socket.handshake().auth.if_contains("token");
    std::ignore = socket.handshake().query("room");
    std::ignore = socket.handshake().request.headers.find("user-agent");
    std::cout << socket.handshake().request.peer;
    std::cout << socket.handshake().request.target;
    std::ignore = socket.handshake().issued;
    std::ignore = socket.handshake().request.cookie("session");
    std::cout << (socket.transport() == engineio::TransportKind::websocket);
    socket.on("hello", [](const Args& args, Ack) {});
    socket.on("hello", [](const Args& args, Ack ack) { ack(Args({"ok"})); });
    socket.once("hello", [](const Args& args, Ack) {});
    const HandlerId listener = socket.on("hello", [](const Args& args, Ack) {});
    socket.off(listener);
    socket.off("hello");
    socket.on_any([](std::string_view event, const Args& args, Ack) {});
    socket.prepend_any([](std::string_view event, const Args& args, Ack) {});
    socket.on_any_outgoing([](std::string_view event, const Args& args) {});
    socket.use([](IncomingEvent& event, Next next) { next(); });
    socket.on_error([](const EventError& error) {});
    socket.on_disconnect([](DisconnectReason reason) {});
    socket.emit("hello", Args({"world", 1, json::object{{"key", "value"}}}));
    const std::string bytes("any bytes");
    Args args;
    args.json.push_back(args.attach(bytes));
    socket.emit("file", args);
    socket.emit("message", Args({"hello"}));
    socket.volatile_().emit("hello", {});
    socket.compress(false).emit("hello", {});
    socket.timeout(5s).emit_with_ack("hello", {}, [](std::optional<Args> answer) {});
    socket.emit_with_ack("hello", {}, 10s, [](std::optional<Args> answer) {});
    socket.broadcast().emit("hello", {});
    socket.in("room").emit("hello", {});
    socket.local().emit("hello", {});
    socket.to("room").timeout(5s).emit_with_ack("hello", {},
                                                [](std::vector<Args> answers, std::size_t asked) {});
    socket.to("room").emit("hello", {});
    socket.except("room").emit("hello", {});
    socket.join("room");
    for (const auto* room : {"a", "b"}) socket.join(room);
    socket.leave("room");
    socket.disconnect();
    socket.disconnect(true);
    const auto later = socket.handle();
    later([](Socket& there) { there.emit("hello", {}); });
}

Task<> socket_awaited(Socket& socket) {
    const std::optional<Args> answer = co_await socket.timeout(5s).emit_with_ack("hello", {});
}

}  // namespace

int main() {
    net::ShardPool shards(2, system_clock());
    Server io(shards, {});
    io.of("/").on_connection([&io](Socket& socket) {
        const auto note = [](std::exception_ptr) {};
        socket_of(socket);
        boost::asio::co_spawn(socket.home().executor(), socket_awaited(socket), note);
        boost::asio::co_spawn(socket.home().executor(), server_awaited(io), note);
    });
    namespace_of(io.of("/orders"));
    server_of(io);
    Options options;
    options_of(options);
    Server other(shards, options);
    Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    if (http.listen("127.0.0.1", 3000).has_error()) std::cout << "somebody else is there\n";
    shards.stop();
}
