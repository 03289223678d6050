// The library alone, for measuring it beside other servers (contract section 7). Environment: PORT (4000),
// SECRET (required), THREADS (number of cores), ADMIN (production or development: an admin namespace).
//
//   /dashboard                       auth {"token": HS256 JWT, its "sub" or auth.sub: "u<i>"}; room
//   user:<sub> GET /api/dashboard/tenant/kpis   a fixed document, after checking the token in cookie
//   accessToken POST /emit?mode=all|room&count=N&burst=1&interval=0&rooms=1    answers, then emits
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

#include "hs256.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "net/timers.hpp"
#include "socketio/admin/admin.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
namespace json = boost::json;

namespace {

std::string setting(const char* name, std::string fallback) {
    const char* value = std::getenv(name);
    return value && *value ? value : std::move(fallback);
}

template <class Number>
Number number_or(std::string_view text, Number fallback) {
    Number value = fallback;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::uint64_t monotonic_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::uint64_t(now.tv_sec) * 1'000'000'000 + std::uint64_t(now.tv_nsec);
}

// About 200 bytes of JSON on the wire, the sending time first.
socketio::Args payload() {
    json::object event;
    event["t"] = monotonic_ns();
    event["kpis"] = {
        {"activeBusinesses", 25}, {"responseRate", 75.5}, {"landlordViews", 18342}, {"messagesTotal", 1187}};
    event["timestamp"] = "2026-01-31T09:30:00.000Z";
    event["version"] = 123456;
    return socketio::Args({std::move(event)});
}

struct Order {
    bool rooms_mode = false;
    std::uint64_t count = 1;
    std::uint64_t burst = 1;
    std::uint64_t rooms = 1;
    Duration interval{};
};

// Emits what one POST /emit ordered, `burst` per turn of the shard's loop; keeps itself until done.
class Emission : public std::enable_shared_from_this<Emission> {
public:
    Emission(socketio::Namespace& nsp, net::Shard& shard, Order order)
        : nsp_(nsp), shard_(shard), order_(order), timer_(shard.timers(), [this] { turn(); }) {}

    void start() {
        self_ = shared_from_this();
        turn();
    }

private:
    void turn() {
        for (std::uint64_t i = 0; i < order_.burst && sent_ < order_.count; ++i, ++sent_) {
            if (order_.rooms_mode) {
                nsp_.to("user:u" + std::to_string(sent_ % order_.rooms)).emit("kpi:update", payload());
            } else {
                nsp_.emit("kpi:update", payload());
            }
        }
        if (sent_ == order_.count) {
            shard_.post([self = std::move(self_)] {});  // not from within its own timer
        } else if (order_.interval == Duration::zero()) {
            shard_.post([self = self_] { self->turn(); });
        } else {
            timer_.arm(order_.interval);
        }
    }

    socketio::Namespace& nsp_;
    net::Shard& shard_;
    const Order order_;
    net::Timer timer_;
    std::uint64_t sent_ = 0;
    std::shared_ptr<Emission> self_;
};

net::Response json_response(unsigned status, std::string body) {
    net::Response response;
    response.status = status;
    response.set("content-type", "application/json; charset=utf-8");
    response.body = std::move(body);
    return response;
}

void answer_kpis(const std::string& secret, const net::Request& request, net::Responder responder) {
    const auto token = request.cookie("accessToken");
    if (!token || !bench::verify(secret, *token)) {
        responder.send(json_response(401, R"({"success":false,"error":{"code":"UNAUTHORIZED"}})"));
        return;
    }
    responder.send(json_response(200, R"({"success":true,"data":{"activeBusinesses":25,"responseRate":75.5,)"
                                      R"("landlordViews":18342,"messagesTotal":1187}})"));
}

void take_order(socketio::Namespace& nsp, const net::Request& request, net::Responder responder) {
    const auto number = [&](std::string_view name, std::uint64_t fallback) {
        const auto text = net::query_value(request.query(), name);
        return text ? number_or(*text, fallback) : fallback;
    };
    Order order;
    order.rooms_mode = net::query_value(request.query(), "mode") == "room";
    order.count = number("count", 1);
    order.burst = std::max<std::uint64_t>(1, number("burst", 1));
    order.rooms = std::max<std::uint64_t>(1, number("rooms", 1));
    order.interval = std::chrono::milliseconds(number("interval", 0));
    responder.send(json_response(202, "{}"));
    net::Shard& here = *net::Shard::current();
    here.post([&nsp, &here, order] { std::make_shared<Emission>(nsp, here, order)->start(); });
}

void admit_users(socketio::Namespace& nsp, const std::string& secret) {
    nsp.use([secret](socketio::Socket& socket, socketio::Next next) {
        const auto& auth = socket.handshake().auth;
        const auto* token = auth.if_contains("token");
        if (!token || !token->is_string()) return next.refuse({"Authentication token required"});
        auto sub = bench::verify(secret, token->get_string());
        if (!sub) return next.refuse({"Invalid authentication token"});
        if (const auto* named = auth.if_contains("sub"); sub->empty() && named && named->is_string()) {
            sub = std::string(named->get_string());
        }
        socket.join("user:" + *sub);
        socket.drop_handshake();
        next();
    });
}

void allow_many_files() {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int main() {
    const std::string secret = setting("SECRET", "");
    if (secret.empty()) {
        std::cerr << "fanout_server: SECRET must be set: the key of the tokens it accepts\n";
        return 2;
    }
    allow_many_files();
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    const unsigned threads = number_or(setting("THREADS", ""), cores);
    net::ShardPool shards(std::clamp(threads, 1u, 64u), system_clock());
    socketio::Server io(shards, {});
    auto& dashboard = io.of("/dashboard");
    admit_users(dashboard, secret);
    if (const auto mode = setting("ADMIN", ""); !mode.empty()) {
        socketio::instrument(io, {.auth = socketio::AdminAuth::none(),
                                  .mode = mode == "development" ? socketio::AdminMode::development
                                                                : socketio::AdminMode::production});
    }

    socketio::Standalone handler({&io.engine()}, [&](const net::Request& request, net::Responder responder) {
        if (request.method == "GET" && request.path() == "/api/dashboard/tenant/kpis") {
            answer_kpis(secret, request, std::move(responder));
        } else if (request.method == "POST" && request.path() == "/emit") {
            take_order(dashboard, request, std::move(responder));
        } else {
            responder.send(json_response(404, "{}"));
        }
    });
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto port =
        http.listen(setting("HOST", "127.0.0.1"), number_or<std::uint16_t>(setting("PORT", ""), 4000));
    if (port.has_error()) {
        std::cerr << "fanout_server: " << port.error().message << '\n';
        return 1;
    }
    std::cout << "listening on http://" << setting("HOST", "127.0.0.1") << ':' << *port << std::endl;

    boost::asio::io_context signals;
    boost::asio::signal_set end(signals, SIGINT, SIGTERM);
    end.async_wait([](auto, int) {});
    signals.run();
    shards.stop();
}
