// What docs/socketio/ quotes, compiled: each block of C++ there is one of the regions marked here, or in
// another example (tests/docs_snippets.test.mjs compares them). The program sets up a server with all of it
// and serves.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/describe/class.hpp>
#include <cstdlib>
#include <iostream>
#include <regex>
#include <thread>

#include "net/hosted_http.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/event.hpp"
#include "socketio/recovery.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

// docs: using
using namespace pulse;
using namespace pulse::socketio;
using namespace std::chrono_literals;
namespace json = boost::json;
// docs end

namespace {

struct User {
    std::string name;
};

// Stands for a look-up in a database, which answers later and on a thread of its own.
void look_up(const std::string& token, std::function<void(std::optional<User>)> found) {
    std::thread([token, found = std::move(found)] {
        found(token.empty() ? std::nullopt : std::optional(User{token}));
    }).detach();
}

// ---------------------------------------------------------------- namespaces

void namespaces(Server& io) {
    // docs: namespaces
    Namespace& orders = io.of("/orders");
    orders.on_connection([](Socket& socket) { socket.emit("welcome", Args({"to the orders"})); });
    // docs end

    // docs: dynamic
    io.of(std::regex("/game-[0-9]{1,6}"), [](Namespace& game) {
        game.on_connection([&game](Socket& socket) { game.emit("entered", Args({socket.id()})); });
    });
    io.of([](std::string_view name,
             const json::object& auth) { return name.starts_with("/tenant-") && auth.contains("token"); },
          [](Namespace& tenant) { tenant.on_connection([](Socket&) {}); });
    // docs end

    // docs: find
    if (const auto game = io.find("/game-7")) game->emit("closing soon", {});
    // docs end
}

// ---------------------------------------------------------------- middleware

void middleware(Namespace& nsp) {
    // docs: middleware
    nsp.use([](Socket& socket, Next next) {
        const auto* token = socket.handshake().auth.if_contains("token");
        if (!token || !token->is_string()) return next.refuse({"unauthorized"});
        // The answer may come later and from another thread. A Next that nobody calls refuses.
        const auto user = std::make_shared<User>();
        socket.data() = user;
        const auto decide = std::make_shared<Next>(std::move(next));
        look_up(std::string(token->get_string()), [user, decide](std::optional<User> found) {
            if (!found) return decide->refuse({"unauthorized", json::object{{"code", 401}}});
            *user = *found;
            (*decide)();
        });
    });
    // docs end

    // docs: socket_middleware
    nsp.on_connection([](Socket& socket) {
        socket.use([](IncomingEvent& event, Next next) {
            if (event.name.starts_with("admin:")) return next.refuse({"forbidden"});
            next();
        });
        socket.on_error([](const EventError& error) {
            if (error.ack) error.ack(Args({json::object{{"error", error.error.message}}}));
        });
    });
    // docs end
}

// ---------------------------------------------------------------- events and acknowledgements

void events(Namespace& nsp) {
    nsp.on_connection([](Socket& socket) {
        // docs: events
        socket.on("move", [&socket](const Args& args, const Ack&) {
            if (args.size() == 2) socket.broadcast().emit("moved", args);
        });
        socket.once("ready", [](const Args&, const Ack&) {});
        const HandlerId id = socket.on_any([](std::string_view, const Args&, const Ack&) {});
        socket.off(id);
        socket.off("move");
        socket.on_disconnect([](DisconnectReason why) { std::cout << to_string(why) << '\n'; });
        socket.emit("hello", Args({"a text", 1, json::array{true, nullptr}, json::object{{"key", "value"}}}));
        socket.volatile_().emit("position", Args({1, 2}));
        // docs end

        // docs: acks
        // The client asks: socket.emitWithAck("add", 1, 2)
        socket.on("add", [](const Args& args, const Ack& ack) {
            if (args.size() != 2 || !args[0].is_int64() || !args[1].is_int64()) return;
            ack(Args({args[0].get_int64() + args[1].get_int64()}));
        });
        // The server asks. nullopt: no answer in time, or the socket left.
        socket.emit_with_ack("are you there?", {}, 5s, [](std::optional<Args> answer) {
            if (answer && answer->size() > 0) std::cout << (*answer)[0] << '\n';
        });
        // docs end
    });
}

void ask_everybody(Server& io) {
    // docs: broadcast_acks
    io.timeout(5s).to("voters").emit_with_ack(
        "vote", Args({"tea or coffee?"}), [](const std::vector<Args>& answers, std::size_t asked) {
            std::cout << answers.size() << " of " << asked << " voted\n";
        });
    // docs end
}

// docs: coroutine
Task<> greet(Namespace& nsp, std::string id) {
    const BroadcastAnswers got = co_await nsp.to(id).timeout(5s).emit_with_ack("your name?", {});
    if (got.answers.empty()) co_return;  // no answer in time
    const Args answer = got.answers.front();
    nsp.emit("welcome", answer);
}

void greet_everybody(Namespace& nsp) {
    nsp.on_connection([&nsp](Socket& socket) {
        boost::asio::co_spawn(socket.home().executor(), greet(nsp, socket.id()), [](std::exception_ptr) {});
    });
}
// docs end

// docs: typed
struct Position {
    int x = 0;
    int y = 0;
};
BOOST_DESCRIBE_STRUCT(Position, (), (x, y))

constexpr Event<void(std::string, Position)> moved("moved");
constexpr Event<std::string(std::string, std::optional<int>)> find_seat("find seat");  // answered with a text
constexpr Event<std::size_t(Bytes)> photo("photo");

void typed(Namespace& nsp) {
    nsp.on_connection([&nsp](Socket& socket) {
        on(socket, moved, [&nsp](const std::string& who, Position where) {
            emit(nsp.to("map"), moved, who, where);  // emit(…, moved, 7) does not compile
        });
        on(socket, find_seat, [](const std::string& hall, std::optional<int> row) {
            return hall + std::to_string(row.value_or(1));
        });
        // The answer may be given later, from any thread: take a Reply behind the arguments.
        on(socket, photo,
           [](const Bytes& bytes, const Reply<std::size_t>& reply) { reply(bytes.data.size()); });
        // What a client got wrong comes here, and not to the handler.
        socket.on_error(
            [](const EventError& error) { std::cerr << error.event << ": " << error.error.message; });
    });
}
// docs end

void binary(Namespace& nsp) {
    nsp.on_connection([](Socket& socket) {
        // docs: binary
        socket.on("avatar", [&socket](const Args& args, const Ack&) {
            if (args.size() != 1) return;
            const auto bytes = args.binary(args[0]);  // nullopt: it is not binary
            if (!bytes) return;
            Args out;
            out.json.push_back(json::object{{"of", socket.id()}, {"image", out.attach(std::string(*bytes))}});
            socket.broadcast().emit("avatar", out);
        });
        // docs end
    });
}

// ---------------------------------------------------------------- rooms

void rooms(Server& io) {
    Namespace& nsp = io.of("/");
    // docs: rooms
    nsp.on_connection([&nsp](Socket& socket) {
        socket.join("news");
        socket.to("news").emit("joined", Args({socket.id()}));                   // all in it but this socket
        nsp.to("news").to("sport").except("muted").emit("score", Args({2, 1}));  // each one once
        nsp.to(socket.id()).emit("only you", {});  // everybody is in the room of its id
        socket.leave("news");
    });
    // docs end

    // docs: room_events
    nsp.on_rooms({.created = [](std::string_view room) { std::cout << room << " is in use\n"; },
                  .deleted = [](std::string_view room) { std::cout << room << " is empty\n"; }});
    // docs end
}

void sockets(Namespace& nsp) {
    // docs: sockets
    nsp.in("news").sockets_join("archive");
    nsp.in("archive").sockets_leave("news");
    nsp.in("banned").disconnect_sockets(true);
    nsp.describe_sockets_by(
        [](Socket& socket) { return json::object{{"transport", int(socket.transport())}}; });
    nsp.in("archive").fetch_sockets([](const FetchedSockets& fetched) {
        for (const auto& socket : fetched.sockets) std::cout << socket.id << ' ' << socket.data << '\n';
    });
    nsp.for_each("archive",
                 [](Socket& socket) { socket.emit("hello", {}); });  // of this process, on their shards
    // docs end
}

void server_side(Namespace& nsp) {
    // docs: server_side
    nsp.on_server_side("how many?", [&nsp](const Args&, const Ack& ack) { ack(Args({nsp.size()})); });
    nsp.server_side_emit_with_ack("how many?", {}, [](const ServerSideAnswers& got) {
        for (const auto& answer : got.answers) std::cout << answer << '\n';  // one of each other node
    });
    // docs end
}

// ---------------------------------------------------------------- hosting

void with_routes() {
    // docs: own_port
    net::ShardPool shards(2, system_clock());
    Server io(shards, {});
    Standalone handler({&io.engine()}, [](net::Request request, net::Responder responder) {
        net::Response response;  // what is not Socket.IO comes here, on any shard
        response.body = "hello";
        responder.send(std::move(response));  // now or later, from any thread, once
    });
    net::HttpServer http(shards, handler, {});  // net::HttpLimits: deadlines, sizes, connections
    shards.start();
    const auto port = http.listen("127.0.0.1", 0);  // 0: a free one
    // docs end
    std::cout << (port.has_value() ? "routes beside it\n" : "no port\n");
    shards.stop();
}

[[maybe_unused]] void hosted(net::ShardPool& shards, Server& io, net::Request request, int descriptor,
                             std::string received) {
    // docs: hosted
    Standalone handler({&io.engine()});
    net::HostedHttp hosted(shards, handler);
    const auto ticket = std::make_shared<net::HostedRequest>([](net::Response response) {
        std::cout << response.status << '\n';  // on a shard: to be passed on
    });
    hosted.handle(request, ticket);
    ticket->abandon();                              // if the client goes away before the answer
    hosted.upgrade(request, descriptor, received);  // of one that asks to, with what came behind its head
    // docs end
}

void callbacks(Namespace& nsp, boost::asio::thread_pool& workers) {
    nsp.on_connection([&workers](Socket& socket) {
        // docs: callbacks
        socket.on("load", [&workers](const Args& args, const Ack& ack) {
            boost::asio::post(workers,
                              [args, ack] { ack(args); });  // an Ack may be kept, and called anywhere
        });
        // docs end
    });
}

// ---------------------------------------------------------------- threads

// docs: threads
// A handle is valid on any thread, and after the socket has left: then the work is not done.
void remind_later(Socket& socket) {
    std::thread([work = socket.handle()] {
        std::this_thread::sleep_for(1s);
        work([](Socket& there) { there.emit("reminder", {}); });  // on the socket's shard
    }).detach();
}
// docs end

// ---------------------------------------------------------------- recovery, msgpack, options, draining

void recovery(Namespace& nsp) {
    // docs: recovery
    LogRecoveryOptions log;
    log.max_disconnection = 2min;
    log.owner = [](Socket& socket) { return std::static_pointer_cast<User>(socket.data())->name; };
    nsp.use_recovery(log);
    nsp.on_connection([](Socket& socket) {
        if (!socket.recovered()) socket.join("news");  // else it is in its rooms, and gets what it missed
    });
    // docs end
}

void slow_clients(Namespace& nsp) {
    // docs: slow_clients
    nsp.slow_clients(SlowClients::close(500));   // queue up to 500 packets, then close
    nsp.slow_clients(SlowClients::drop());       // every event is volatile
    nsp.slow_clients(SlowClients::conflate(0));  // every event is conflated by its name
    // docs end
}

Options options() {
    // docs: options
    Options options;
    options.engine.path = "/socket.io/";
    options.engine.ping_interval = 25s;
    options.engine.max_http_buffer_size = 1'000'000;
    options.engine.cors.allowed_origins = {"https://example.com"};
    options.engine.origins = engineio::OriginPolicy::own_and_listed;  // CORS does not guard websockets
    options.engine.allow_request = [](const net::Request& request) -> std::optional<std::string> {
        if (!request.cookie("session")) return "sign in first";
        return std::nullopt;
    };
    // docs end
    // docs: msgpack
    options.parser_query = "parser";  // io(url, { parser: msgpack, query: { parser: "msgpack" } })
    // docs end
    return options;
}

void numbers(Server& io) {
    // docs: stats
    std::cout << io.stats().connected << " sockets, " << io.stats().packets_out << " packets sent, "
              << io.engine().stats().open_websocket << " websockets\n";
    // docs end
}

}  // namespace

int main(int argc, char** argv) {
    with_routes();
    boost::asio::thread_pool workers(1);
    // docs: hosting
    net::ShardPool shards(std::thread::hardware_concurrency(), system_clock());
    Server io(shards, options());
    // docs end
    namespaces(io);
    rooms(io);
    for (const auto setup :
         {middleware, events, greet_everybody, typed, binary, sockets, server_side, slow_clients, recovery})
        setup(io.of("/a"));
    io.of("/a").on_connection(remind_later);
    callbacks(io.of("/a"), workers);
    ask_everybody(io);
    numbers(io);
    Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto port = http.listen("127.0.0.1", argc > 1 ? std::uint16_t(std::atoi(argv[1])) : 3000);
    if (port.has_error()) return std::cerr << port.error().message << '\n', 1;

    boost::asio::io_context main_loop;
    boost::asio::signal_set end(main_loop, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    std::cout << "listening on http://127.0.0.1:" << *port << std::endl;
    main_loop.run();
    // docs: drain
    std::atomic<bool> drained{false};
    io.drain(10s, [&drained] {
        drained = true;
        drained.notify_all();
    });
    drained.wait(false);
    shards.stop();
    // docs end
}
