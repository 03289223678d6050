// One node of a cluster: several of these, and Node servers with the stock @socket.io/redis-adapter, or with
// @socket.io/redis-streams-adapter, share the rooms of "/" and of "/dashboard" through Redis. Clients drive
// it with these events:
//
//     join / leave ROOM            this socket
//     say ROOM ...ARGS             "said" to the room, over all nodes, but not to oneself
//     do {to, except, local, volatile, emit | ask | join | leave | disconnect | fetch | tell | consult}
//                                  what a server can do to all nodes' sockets; the result is acknowledged
//
//     cluster_server --port 3000 --redis redis://127.0.0.1:6379 [--adapter streams [--away SECONDS]]
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <csignal>
#include <iostream>
#include <optional>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "redis/client.hpp"
#include "redis/url.hpp"
#include "socketio/admin/admin.hpp"
#include "socketio/recovery.hpp"
#include "socketio/redis_adapter/redis_adapter.hpp"
#include "socketio/redis_streams/redis_streams.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using namespace std::chrono_literals;
using socketio::Ack, socketio::Args, socketio::BroadcastOperator, socketio::Namespace, socketio::Socket;
namespace json = boost::json;
namespace pubsub = socketio::redis_adapter;
namespace streams = socketio::redis_streams;

namespace {

std::string text(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : std::string();
}

std::vector<std::string> texts(const json::object& wish, const char* key) {
    std::vector<std::string> out;
    const auto* list = wish.if_contains(key);
    if (!list || !list->is_array()) return out;
    for (const auto& item : list->get_array()) out.push_back(text(item));
    return out;
}

// The wish's event: [name, ...args].
Args rest_of(const json::array& event, const Args& all) {
    Args args(json::array(event.begin() + 1, event.end()));
    args.attachments = all.attachments;
    return args;
}

void fetch(const BroadcastOperator& chosen, const Ack& ack) {
    chosen.fetch_sockets([ack](socketio::FetchedSockets fetched) {
        json::array sockets;
        for (auto& socket : fetched.sockets) {
            json::array rooms(socket.rooms.begin(), socket.rooms.end());
            sockets.push_back(json::object{{"id", socket.id},
                                           {"rooms", std::move(rooms)},
                                           {"data", std::move(socket.data)},
                                           {"handshake", std::move(socket.handshake)}});
        }
        ack(Args({json::object{{"sockets", std::move(sockets)}, {"complete", fetched.complete}}}));
    });
}

void ask(const BroadcastOperator& chosen, const std::string& event, const Args& args, const Ack& ack) {
    chosen.emit_with_ack(event, args, 2s, [ack](std::vector<Args> answers, std::size_t asked) {
        Args result({json::object{{"asked", asked}}});
        for (auto& answer : answers) {
            result.json.push_back(answer.size() > 0 ? answer[0] : json::value(nullptr));
        }
        ack(std::move(result));
    });
}

void consult(Namespace& nsp, const std::string& event, const Args& args, const Ack& ack) {
    nsp.server_side_emit_with_ack(event, args, [ack](socketio::ServerSideAnswers got) {
        json::array answers(got.answers.begin(), got.answers.end());
        ack(Args({json::object{{"answers", std::move(answers)}, {"complete", got.complete}}}));
    });
}

void carry_out(Namespace& nsp, const json::object& wish, const Args& all, const Ack& ack) {
    BroadcastOperator chosen(nsp);
    for (const auto& room : texts(wish, "to")) chosen = chosen.to(room);
    for (const auto& room : texts(wish, "except")) chosen = chosen.except(room);
    if (wish.contains("local")) chosen = chosen.local();
    if (wish.contains("volatile")) chosen = chosen.volatile_();

    if (const auto* room = wish.if_contains("join")) {
        chosen.sockets_join(text(*room));
    } else if (const auto* left = wish.if_contains("leave")) {
        chosen.sockets_leave(text(*left));
    } else if (wish.contains("disconnect")) {
        chosen.disconnect_sockets();
    } else if (wish.contains("fetch")) {
        return fetch(chosen, ack);
    }
    for (const auto* way : {"emit", "ask", "tell", "consult"}) {
        const auto* event = wish.if_contains(way);
        if (!event || !event->is_array() || event->get_array().empty()) continue;
        const std::string name = text(event->get_array()[0]);
        const Args args = rest_of(event->get_array(), all);
        const std::string_view how = way;
        if (how == "ask") return ask(chosen, name, args, ack);
        if (how == "consult") return consult(nsp, name, args, ack);
        if (how == "emit") chosen.emit(name, args);
        if (how == "tell") nsp.server_side_emit(name, args);
    }
    ack(Args({"done"}));
}

// What Node's servers call socket.data.
json::value describe(Socket& socket) {
    const auto data = std::static_pointer_cast<json::value>(socket.data());
    return data ? *data : json::value(json::object());
}

// Clients that were away for less than `seconds` come back as who they were, to any node.
void recover(Namespace& nsp, unsigned seconds) {
    socketio::ClusterRecoveryOptions options;
    options.max_disconnection = std::chrono::seconds(seconds);
    options.describe = describe;
    options.restore = [](Socket& socket, const json::value& data) {
        socket.data() = std::make_shared<json::value>(data);
    };
    nsp.use_recovery(std::move(options));
}

void serve(Namespace& nsp) {
    nsp.describe_sockets_by(describe);
    nsp.on_connection([&nsp](Socket& socket) {
        if (!socket.recovered()) {
            const auto* name = socket.handshake().auth.if_contains("name");
            socket.data() = std::make_shared<json::value>(json::object{{"name", name ? *name : "nobody"}});
        }
        socket.on("join", [&socket](const Args& args, Ack ack) {
            for (const auto& room : args.json) socket.join(text(room));
            ack();
        });
        socket.on("leave", [&socket](const Args& args, Ack ack) {
            for (const auto& room : args.json) socket.leave(text(room));
            ack();
        });
        socket.on("say", [&nsp, &socket](const Args& args, Ack) {
            if (args.size() == 0) return;
            nsp.to(text(args[0])).except(socket.id()).emit("said", rest_of(args.json, args));
        });
        socket.on("do", [&nsp](const Args& args, Ack ack) {
            if (args.size() > 0 && args[0].is_object()) carry_out(nsp, args[0].get_object(), args, ack);
        });
    });
    // What other servers tell goes to the sockets of this one; what they ask is answered.
    nsp.on_server_side("note", [&nsp](const Args& args, Ack) { nsp.local().emit("noted", args); });
    nsp.on_server_side("sockets", [&nsp](const Args&, Ack ack) { ack(Args({nsp.size()})); });
}

template <class Stats>
json::object shared_counters(const Stats& stats) {
    return {{"published", stats.published.load()},   {"unpublished", stats.unpublished.load()},
            {"received", stats.received.load()},     {"invalid", stats.invalid.load()},
            {"overflowed", stats.overflowed.load()}, {"timeouts", stats.timeouts.load()},
            {"backlog", stats.backlog.load()}};
}

json::object counters_of(const pubsub::Stats& stats) {
    auto all = shared_counters(stats);
    all["unwanted"] = stats.unwanted.load();
    all["subscriptions"] = stats.subscriptions.load();
    return all;
}

json::object counters_of(const streams::Stats& stats) {
    auto all = shared_counters(stats);
    all["entries"] = stats.entries.load();
    all["gaps"] = stats.gaps.load();
    all["pauses"] = stats.pauses.load();
    all["sessions"] = stats.sessions.load();
    all["from_redis"] = stats.from_redis.load();
    return all;
}

struct CommandLine {
    std::uint16_t port = 3000;
    std::string redis = "redis://127.0.0.1:6379";
    std::string admin;  // the name under which the admin UI shows this node; none: it does not
    bool streams = false;
    unsigned away = 0;
};

bool number(std::string_view text, auto& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

std::optional<CommandLine> read(int argc, char** argv) {
    CommandLine line;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i], value = argv[i + 1];
        if (name == "--redis") {
            line.redis = value;
        } else if (name == "--admin") {
            line.admin = value;
        } else if (name == "--adapter" && (value == "streams" || value == "pubsub")) {
            line.streams = value == "streams";
        } else if (name == "--port") {
            if (!number(value, line.port)) return std::nullopt;
        } else if (name == "--away") {
            if (!number(value, line.away)) return std::nullopt;
        } else {
            return std::nullopt;
        }
    }
    return argc % 2 == 1 ? std::optional(line) : std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
    const auto line = read(argc, argv);
    if (!line) {
        std::cerr << "usage: cluster_server [--port N] [--redis URL] [--admin NAME]\n"
                     "                      [--adapter pubsub|streams] [--away SECONDS]\n";
        return 2;
    }
    const auto target = redis::parse_url(line->redis);
    if (!target) return std::cerr << "cluster_server: " << target.error().message << '\n', 2;

    net::ShardPool shards(2, system_clock());
    redis::Client redis(shards[0], *target);
    socketio::Options options;
    options.engine.cors.any_origin = true;
    socketio::Server io(shards, options);
    pubsub::Options by_pubsub;
    streams::Options by_stream;
    const auto adapter =
        line->streams ? streams::create_adapter(redis, by_stream) : pubsub::create_adapter(redis, by_pubsub);
    for (const auto* name : {"/", "/dashboard"}) {
        serve(io.of(name));
        io.of(name).use_adapter(adapter);
        if (line->streams && line->away > 0) recover(io.of(name), line->away);
    }
    if (!line->admin.empty()) {
        socketio::instrument(io, {.auth = socketio::AdminAuth::none(),
                                  .mode = socketio::AdminMode::development,
                                  .server_id = line->admin});
        io.of("/admin").use_adapter(adapter);
    }

    // For a look at what the adapter does: its counters, as JSON.
    const auto stats = [streaming = line->streams, rooms = by_pubsub.stats, stream = by_stream.stats](
                           net::Request, net::Responder responder) {
        net::Response response;
        response.set("content-type", "application/json");
        response.body = json::serialize(streaming ? counters_of(*stream) : counters_of(*rooms));
        responder.send(std::move(response));
    };
    socketio::Standalone handler({&io.engine()}, stats);
    net::HttpServer http(shards, handler, {});
    shards.start();
    redis.start();
    const auto port = http.listen("127.0.0.1", line->port);
    if (port.has_error()) return std::cerr << "cluster_server: " << port.error().message << '\n', 1;
    std::cout << "listening on http://127.0.0.1:" << *port << std::endl;

    boost::asio::io_context main_loop;
    boost::asio::signal_set end(main_loop, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    main_loop.run();
    shards.stop();
}
