#include "net/http_server.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <vector>

#include "net/test_client.hpp"

namespace pulse::net {
namespace {

using namespace std::chrono_literals;

// Answers by path; what is to be answered later is kept in `held`.
class Handler final : public HttpHandler {
public:
    void on_request(Request request, Responder responder) override {
        Response response;
        response.body = request.method + " " + request.target + " " + request.body;
        if (request.path() == "/close") response.close = true;
        if (request.path() == "/drop") return;
        if (request.path() == "/empty") response = Response{204, {}, "ignored"};
        if (request.path() == "/throw") throw std::runtime_error("a handler's mistake");
        if (request.path() == "/throw-oddly") throw 1;
        if (request.path() == "/answer-and-throw") {
            responder.send(std::move(response));
            throw 1;
        }
        if (request.path() == "/keep-and-throw") {
            const std::lock_guard lock(mutex);
            held.emplace_back(Shard::current(), std::move(responder));
            throw 1;
        }
        if (request.path() == "/split") response.set("X-A", "b\r\nX-Injected: 1");
        if (request.path() == "/big") response.body.assign(8 * 1024 * 1024, 'b');
        if (request.path() == "/peer") response.body = request.peer;
        if (request.path().starts_with("/hold")) {
            responder.on_abort(*Shard::current(), [this] { ++aborted; });
            const std::lock_guard lock(mutex);
            held.emplace_back(Shard::current(), std::move(responder));
            return;
        }
        if (request.path().starts_with("/later")) {
            const std::lock_guard lock(mutex);
            held.emplace_back(Shard::current(), std::move(responder));
            return;
        }
        responder.send(std::move(response));
    }
    void on_upgrade(Request request, Upgrade upgrade) override {
        if (request.path() == "/refuse") return upgrade.refuse(Response{403, {}, "no"});
        if (request.path() == "/ignore") return;
        if (request.path() == "/throw") throw 1;
        Shard& home = pool ? (*pool)[ShardId((upgrade.at().id() + 1) % pool->size())] : upgrade.at();
        home.post([this, &home, taken = upgrade.take(home)]() mutable {
            auto echo = std::make_unique<Echo>();
            echo->stream = Stream::make(home, std::move(taken.socket));
            echo->count = std::move(taken.count);
            echo->stream->listen(*echo);
            echo->stream->start_reading();
            echo->on_bytes("taken:" + taken.leftover);
            const std::lock_guard lock(mutex);
            echoes.push_back(std::move(echo));
        });
    }
    Response on_bad_request(unsigned status, std::string_view why, const Request& so_far) override {
        if (so_far.headers.find("x-throw")) throw 1;
        Response response{status, {}, std::string(why)};
        response.set("X-Seen", std::string(so_far.headers.find("x-seen").value_or("")));
        return response;
    }

    struct Echo final : StreamListener {
        std::shared_ptr<Stream> stream;
        UpgradedCount count;
        void on_bytes(std::string_view bytes) override {
            const iovec buffer{const_cast<char*>(bytes.data()), bytes.size()};
            stream->write_some({&buffer, 1});
        }
        void on_end() override {
            stream->close();
            count = {};
        }
        void on_writable() override {}
    };

    std::size_t holding() {
        const std::lock_guard lock(mutex);
        return held.size();
    }
    std::vector<std::pair<Shard*, Responder>> take_held() {
        const std::lock_guard lock(mutex);
        return std::exchange(held, {});
    }

    std::size_t most_body_bytes() const override { return takes; }

    ShardPool* pool = nullptr;
    std::size_t takes = 0;
    std::atomic<int> aborted{0};
    std::mutex mutex;
    std::vector<std::pair<Shard*, Responder>> held;
    std::vector<std::unique_ptr<Echo>> echoes;
};

struct HttpServerTest : testing::Test {
    ShardPool pool{2, system_clock()};
    Handler handler;
    std::unique_ptr<HttpServer> server;
    std::uint16_t port = 0;

    void start(HttpLimits limits = {}) {
        handler.pool = &pool;
        server = std::make_unique<HttpServer>(pool, handler, limits);
        port = server->listen("127.0.0.1", 0).value();
        pool.start();
    }
    void TearDown() override {
        handler.take_held();
        pool.stop();
        for (auto& echo : handler.echoes) echo->stream->close();
        server.reset();
    }
    // The server forgot every connection.
    bool all_gone() {
        return eventually([&] { return server->stats().open == 0; });
    }
};

// What one sent to the other on this machine and the other has not read.
std::size_t bytes_in_kernel(std::uint16_t from, std::uint16_t to) {
    std::ifstream table("/proc/net/tcp");
    std::string line;
    std::getline(table, line);
    std::size_t bytes = 0;
    while (std::getline(table, line)) {
        unsigned local = 0, remote = 0, unsent = 0, unread = 0;
        if (std::sscanf(line.c_str(), " %*d: %*x:%x %*x:%x %*x %x:%x", &local, &remote, &unsent, &unread) !=
            4) {
            continue;
        }
        if (local == from && remote == to) bytes += unsent;
        if (local == to && remote == from) bytes += unread;
    }
    return bytes;
}

std::string get(const std::string& path, const std::string& fields = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

TEST_F(HttpServerTest, answers_and_keeps_the_connection) {
    start();
    TestClient client(port);
    for (int i = 0; i < 3; ++i) {
        client.send(get("/a"));
        auto response = client.response();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, "GET /a ");
        EXPECT_EQ(response.headers["Content-Length"], "7");
        EXPECT_EQ(response.headers["Date"].size(), 29u);
        EXPECT_EQ(response.headers.count("Connection"), 0u);
    }
    client.send(get("/peer"));
    EXPECT_EQ(client.response().body, "127.0.0.1");
    EXPECT_EQ(server->stats().requests, 4u);
    EXPECT_EQ(server->stats().accepted, 1u);
    client.close();
    EXPECT_TRUE(all_gone());
}

TEST_F(HttpServerTest, closes_when_either_side_asks) {
    start();
    for (const auto& wire :
         {get("/close"), get("/", "Connection: close\r\n"), std::string("GET / HTTP/1.0\r\n\r\n")}) {
        TestClient client(port);
        client.send(wire + get("/never"));
        auto response = client.response();
        EXPECT_EQ(response.status, 200) << wire;
        EXPECT_EQ(response.headers["Connection"], "close") << wire;
        EXPECT_TRUE(client.at_end()) << wire;
    }
    TestClient old(port);
    old.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(old.response().headers["Connection"], "keep-alive");
    old.send("GET /2 HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.response().body, "GET /2 ");
    EXPECT_TRUE(old.at_end());
}

TEST_F(HttpServerTest, head_and_204_carry_no_body) {
    start();
    TestClient client(port);
    client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" + get("/empty") + get("/b"));
    auto head = client.response(TestClient::Body::none);
    EXPECT_EQ(head.headers["Content-Length"], "8");
    auto empty = client.response();
    EXPECT_EQ(empty.status, 204);
    EXPECT_EQ(empty.headers.count("Content-Length"), 0u);
    EXPECT_EQ(client.response().body, "GET /b ");
}

TEST_F(HttpServerTest, a_handlers_header_cannot_end_the_head) {
    start();
    TestClient client(port);
    client.send(get("/split"));
    auto response = client.response();
    EXPECT_EQ(response.headers["X-A"], "b  X-Injected: 1");
    EXPECT_EQ(response.headers.count("X-Injected"), 0u);
}

const std::string pipelined = get("/1") + "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab" +
                              "POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                              "2\r\ncd\r\n0\r\n\r\n" + get("/4");

void expect_pipelined(TestClient& client) {
    for (const char* want : {"GET /1 ", "POST /2 ab", "POST /3 cd", "GET /4 "}) {
        EXPECT_EQ(client.response().body, want);
    }
}

TEST_F(HttpServerTest, pipelined_requests_are_answered_in_order_wherever_split) {
    start();
    for (std::size_t at = 1; at < pipelined.size(); ++at) {
        SCOPED_TRACE(at);
        TestClient client(port);
        client.send(pipelined.substr(0, at));
        // The first answer shows that the first part was read by itself.
        if (at > get("/1").size()) EXPECT_EQ(client.response().body, "GET /1 ");
        client.send(pipelined.substr(at));
        if (at <= get("/1").size()) EXPECT_EQ(client.response().body, "GET /1 ");
        EXPECT_EQ(client.response().body, "POST /2 ab");
        EXPECT_EQ(client.response().body, "POST /3 cd");
        EXPECT_EQ(client.response().body, "GET /4 ");
    }
    TestClient bytewise(port);
    for (const char byte : pipelined) bytewise.send({&byte, 1});
    expect_pipelined(bytewise);
}

TEST_F(HttpServerTest, requests_behind_an_unanswered_one_wait_and_are_bounded) {
    start();
    TestClient client(port);
    client.send(get("/later") + get("/2"));
    ASSERT_TRUE(eventually([&] { return handler.holding() == 1; }));
    // More than the server and the kernel hold: the sender comes to a stop, so the server stopped reading.
    constexpr int flood_size = 200;
    const std::string body(100'000, 'n');
    std::atomic<int> sent{0};
    std::thread flood([&] {
        while (sent < flood_size &&
               client.send("POST /n HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + body)) {
            ++sent;
        }
    });
    EXPECT_TRUE(client.silent_for(50ms));
    EXPECT_EQ(handler.holding(), 1u);
    EXPECT_EQ(server->stats().requests, 1u);
    EXPECT_LT(sent, flood_size);
    auto held = handler.take_held();
    held[0].second.send(Response{200, {}, "first"});
    EXPECT_EQ(client.response().body, "first");
    EXPECT_EQ(client.response().body, "GET /2 ");
    for (int i = 0; i < flood_size; ++i) EXPECT_EQ(client.response().body.size(), body.size() + 8);
    flood.join();
}

TEST_F(HttpServerTest, expect_continue_is_told_to_go_on) {
    start();
    TestClient client(port);
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read(25), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hi");
    EXPECT_EQ(client.response().body, "POST /a hi");
    // One whose body will be refused is not told to send it.
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.response().status, 413);
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpServerTest, what_is_refused_gets_its_answer_before_the_end) {
    start();
    struct Case {
        std::string wire;
        int status;
    };
    const Case cases[] = {
        {get("/", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400},
        {get("/", "Content-Length: 1\r\nContent-Length: 2\r\n"), 400},
        {get("/", "X: a\r\n b\r\n"), 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {get("/", "X: " + std::string(20'000, 'a') + "\r\n"), 431},
        {get("/", "X-Seen: yes\r\nContent-Length: 1048577\r\n"), 413},
        {"GET / HTTP/2.0\r\n\r\n", 505},
    };
    for (const auto& c : cases) {
        TestClient client(port);
        // Unread bytes behind it must not turn the answer into a reset.
        client.send(c.wire);
        client.send(std::string(100'000, 'x'));
        auto response = client.response();
        EXPECT_EQ(response.status, c.status) << c.wire.substr(0, 100);
        EXPECT_EQ(response.headers["Connection"], "close");
        if (c.status == 413) EXPECT_EQ(response.headers["X-Seen"], "yes");
        EXPECT_TRUE(client.at_end()) << c.wire.substr(0, 100);
    }
    EXPECT_EQ(server->stats().bad_requests, std::size(cases));
    EXPECT_EQ(server->stats().requests, 0u);
    EXPECT_TRUE(all_gone());
}

TEST_F(HttpServerTest, a_body_of_the_limit_is_taken) {
    start();
    TestClient client(port);
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n" +
                std::string(1'048'576, 'x'));
    EXPECT_EQ(client.response().body.size(), 1'048'576u + 8);
}

TEST_F(HttpServerTest, deadlines_end_what_does_not_go_on) {
    HttpLimits limits;
    limits.header_deadline = 60ms;
    limits.body_deadline = 90ms;
    limits.idle_deadline = 120ms;
    start(limits);
    TestClient nothing(port);
    TestClient in_head(port);
    in_head.send("GET / HT");
    TestClient in_body(port);
    in_body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx");
    TestClient idle(port);
    idle.send(get("/"));
    TestClient second(port);
    second.send(get("/") + "GET");
    TestClient held(port);
    held.send(get("/later"));
    EXPECT_EQ(in_head.response().status, 408);
    EXPECT_TRUE(in_head.at_end());
    EXPECT_EQ(in_body.response().status, 408);
    EXPECT_EQ(idle.response().status, 200);
    EXPECT_TRUE(idle.at_end());
    EXPECT_TRUE(nothing.at_end());
    EXPECT_EQ(second.response().status, 200);
    EXPECT_EQ(second.response().status, 408);
    // An answer that takes longer than all of them is still waited for.
    EXPECT_EQ(handler.holding(), 1u);
    for (auto& [shard, responder] : handler.take_held()) responder.send(Response{});
    EXPECT_EQ(held.response().status, 200);
}

TEST_F(HttpServerTest, a_peer_that_does_not_read_its_answer_is_dropped) {
    HttpLimits limits;
    limits.body_deadline = 50ms;
    start(limits);
    TestClient client(port, 4096);
    client.send(get("/big"));
    EXPECT_TRUE(all_gone());
}

TEST_F(HttpServerTest, a_peer_that_takes_its_answer_in_a_trickle_is_dropped) {
    HttpLimits limits;
    limits.body_deadline = 100ms;
    limits.least_bytes_per_second = 1 << 30;
    start(limits);
    TestClient client(port, 4096);
    client.send(get("/big"));
    std::size_t taken = 0;
    // Often enough for body_deadline, and for longer than it all in all.
    while (!client.read(16 * 1024).empty()) {
        taken += 16 * 1024;
        client.silent_for(0ms);
        std::this_thread::sleep_for(2ms);
    }
    EXPECT_LT(taken, 8u * 1024 * 1024);
    EXPECT_TRUE(all_gone());
}

TEST_F(HttpServerTest, reading_goes_on_only_when_there_is_room) {
    start();
    TestClient client(port);
    constexpr int answers = 40;
    std::atomic<std::size_t> sent{0};
    std::atomic<bool> enough = false;
    std::thread flood([&] {
        const auto request = get("/later");
        while (!enough && client.send(request)) sent += request.size();
    });
    const auto left_in_kernel = [&] { return bytes_in_kernel(client.port(), port); };
    // What the server has read, by what it has not: however much the kernel takes of the flood. It is short
    // by the request that is in the kernel and not counted yet, so two of these may differ downwards.
    const auto taken = [&] {
        std::size_t before = 0;
        std::size_t left = 0;
        do {
            before = sent;
            left = left_in_kernel();
        } while (before != sent);
        return static_cast<std::ptrdiff_t>(before) - static_cast<std::ptrdiff_t>(left);
    };
    const auto answer_one = [&] {
        ASSERT_TRUE(eventually([&] { return handler.holding() == 1; }));
        handler.take_held()[0].second.send(Response{});
        EXPECT_EQ(client.response().status, 200);
    };
    ASSERT_TRUE(eventually([&] { return handler.holding() == 1; }));
    // It has stopped reading, or would have all of this.
    ASSERT_TRUE(eventually([&] { return left_in_kernel() > 64 * 1024; }));
    const auto first = taken();
    for (int i = 0; i < answers; ++i) answer_one();
    ASSERT_TRUE(eventually([&] { return left_in_kernel() > 64 * 1024; }));
    // Each answer once admitted as much as a wait for readiness brings, for the one request it used up.
    EXPECT_LT(taken() - first, 1024 * 1024);
    enough = true;
    server.reset();
    flood.join();
}

TEST_F(HttpServerTest, a_large_answer_arrives_whole) {
    start();
    TestClient client(port, 4096);
    client.send(get("/big") + get("/after"));
    EXPECT_EQ(client.response().body, std::string(8 * 1024 * 1024, 'b'));
    EXPECT_EQ(client.response().body, "GET /after ");
}

TEST_F(HttpServerTest, answers_may_come_from_any_thread_and_shard) {
    start();
    TestClient client(port);
    client.send(get("/later1"));
    ASSERT_TRUE(eventually([&] { return handler.holding() == 1; }));
    auto held = handler.take_held();
    held[0].second.send(Response{200, {}, "thread"});
    EXPECT_FALSE(held[0].second);
    EXPECT_EQ(client.response().body, "thread");
    for (ShardId id = 0; id < 2; ++id) {
        client.send(get("/later2"));
        ASSERT_TRUE(eventually([&] { return handler.holding() == 1; }));
        held = handler.take_held();
        pool[id].post([responder = std::move(held[0].second)]() mutable {
            responder.send(Response{200, {}, "shard"});
        });
        EXPECT_EQ(client.response().body, "shard");
    }
}

TEST_F(HttpServerTest, a_dropped_responder_answers_500) {
    start();
    TestClient client(port);
    client.send(get("/drop"));
    EXPECT_EQ(client.response().status, 500);
    client.send(get("/later"));
    ASSERT_TRUE(eventually([&] { return handler.holding() == 1; }));
    handler.take_held().clear();
    EXPECT_EQ(client.response().status, 500);
    client.send(get("/a"));
    EXPECT_EQ(client.response().status, 200);
}

TEST_F(HttpServerTest, an_abort_is_told_once_and_only_while_unanswered) {
    start();
    for (const bool reset : {false, true}) {
        handler.aborted = 0;
        TestClient client(port);
        client.send(get("/hold"));
        ASSERT_TRUE(eventually([&] { return handler.holding() == 1; }));
        reset ? client.reset() : client.close();
        EXPECT_TRUE(eventually([&] { return handler.aborted == 1; }));
        for (auto& [shard, responder] : handler.take_held()) responder.send(Response{});
        EXPECT_TRUE(all_gone());
        EXPECT_EQ(handler.aborted, 1);
    }
    handler.aborted = 0;
    TestClient client(port);
    client.send(get("/hold"));
    ASSERT_TRUE(eventually([&] { return handler.holding() == 1; }));
    for (auto& [shard, responder] : handler.take_held()) responder.send(Response{});
    EXPECT_EQ(client.response().status, 200);
    client.close();
    EXPECT_TRUE(all_gone());
    EXPECT_EQ(handler.aborted, 0);
}

TEST_F(HttpServerTest, a_client_that_finished_sending_still_gets_its_answers) {
    start();
    TestClient client(port);
    client.send(pipelined);
    client.shutdown_send();
    expect_pipelined(client);
    EXPECT_TRUE(client.at_end());
    // The end that arrived between an answer and the next request's turn once cost the latter.
    TestClient later(port);
    later.send(get("/later") + get("/2"));
    later.shutdown_send();
    ASSERT_TRUE(eventually([&] { return handler.holding() == 1; }));
    for (auto& [shard, responder] : handler.take_held()) responder.send(Response{200, {}, "late"});
    EXPECT_EQ(later.response().body, "late");
    EXPECT_EQ(later.response().body, "GET /2 ");
    EXPECT_TRUE(later.at_end());
    EXPECT_TRUE(all_gone());
}

const std::string upgrade_fields = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

TEST_F(HttpServerTest, an_upgrade_takes_the_socket_and_the_bytes_behind_to_another_shard) {
    start();
    for (int i = 0; i < 8; ++i) {  // both shards get some
        TestClient client(port);
        client.send(get("/1") + get("/take", upgrade_fields) + "early");
        EXPECT_EQ(client.response().body, "GET /1 ");
        EXPECT_EQ(client.read(11), "taken:early");
        client.send("ping");
        EXPECT_EQ(client.read(4), "ping");
    }
    EXPECT_EQ(server->stats().open, 0u);
}

TEST_F(HttpServerTest, an_upgrade_refused_or_forgotten_ends_the_connection) {
    start();
    TestClient refused(port);
    refused.send(get("/refuse", upgrade_fields));
    EXPECT_EQ(refused.response().status, 403);
    EXPECT_TRUE(refused.at_end());
    TestClient ignored(port);
    ignored.send(get("/ignore", upgrade_fields));
    EXPECT_EQ(ignored.read_to_end(), "");
    TestClient other(port);
    other.send(get("/h2c", "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
    EXPECT_EQ(other.response().body, "GET /h2c ");
}

TEST_F(HttpServerTest, what_a_handler_throws_costs_that_request_only) {
    start();
    const std::pair<std::string, int> cases[] = {
        {get("/throw"), 500},
        {get("/throw-oddly"), 500},
        {get("/answer-and-throw"), 200},
        {get("/keep-and-throw"), 500},
        {get("/throw", upgrade_fields), 500},
        {get("/", "X-Throw: 1\r\nContent-Length: 1048577\r\n"), 500},
    };
    for (const auto& [wire, status] : cases) {
        TestClient client(port);
        client.send(wire);
        EXPECT_EQ(client.response().status, status) << wire;
        EXPECT_TRUE(client.at_end()) << wire;
    }
    TestClient next(port);
    next.send(get("/throw") + get("/never"));
    auto response = next.response();
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.headers["Connection"], "close");
    EXPECT_TRUE(next.at_end());
    TestClient other(port);
    other.send(get("/a"));
    EXPECT_EQ(other.response().status, 200);
}

TEST_F(HttpServerTest, draining_ends_the_idle_and_lets_the_busy_finish) {
    start();
    TestClient idle(port);
    idle.send(get("/"));
    EXPECT_EQ(idle.response().status, 200);
    TestClient busy(port);
    busy.send(get("/later"));
    TestClient half(port);
    half.send("GET /half HTTP/1.1\r\nHost");
    ASSERT_TRUE(eventually([&] { return handler.holding() == 1 && server->stats().open == 3; }));
    server->drain();
    EXPECT_TRUE(idle.at_end());
    EXPECT_TRUE(eventually([&] { return !TestClient(port).connected(); }));
    half.send(": h\r\n\r\n");
    auto response = half.response();
    EXPECT_EQ(response.body, "GET /half ");
    EXPECT_EQ(response.headers["Connection"], "close");
    for (auto& [shard, responder] : handler.take_held()) responder.send(Response{});
    response = busy.response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers["Connection"], "close");
    EXPECT_TRUE(busy.at_end());
    EXPECT_TRUE(half.at_end());
    busy.close();
    half.close();
    EXPECT_TRUE(all_gone());
}

TEST_F(HttpServerTest, over_the_limit_new_connections_are_closed_at_once) {
    HttpLimits limits;
    limits.connections = 2;
    start(limits);
    TestClient a(port);
    TestClient b(port);
    ASSERT_TRUE(eventually([&] { return server->stats().open == 2; }));
    TestClient c(port);
    EXPECT_EQ(c.read_to_end(), "");
    EXPECT_TRUE(eventually([&] { return server->stats().refused_over_limit == 1; }));
    a.close();
    ASSERT_TRUE(eventually([&] { return server->stats().open == 1; }));
    TestClient d(port);
    d.send(get("/"));
    EXPECT_EQ(d.response().status, 200);
}

TEST_F(HttpServerTest, upgraded_connections_count_until_they_end) {
    HttpLimits limits;
    limits.connections = 2;
    start(limits);
    TestClient a(port);
    TestClient b(port);
    for (auto* client : {&a, &b}) {
        client->send(get("/take", upgrade_fields));
        EXPECT_EQ(client->read(6), "taken:");
    }
    EXPECT_EQ(server->stats().open, 0u);
    EXPECT_EQ(server->stats().upgraded, 2u);
    TestClient c(port);
    EXPECT_EQ(c.read_to_end(), "");
    EXPECT_EQ(server->stats().refused_over_limit, 1u);
    a.close();
    ASSERT_TRUE(eventually([&] { return server->stats().upgraded == 1; }));
    TestClient d(port);
    d.send(get("/"));
    EXPECT_EQ(d.response().status, 200);
}

TEST_F(HttpServerTest, body_limit_is_at_least_what_the_handler_takes) {
    handler.takes = 2'000'000;
    start();
    TestClient client(port);
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n" +
                std::string(2'000'000, 'x'));
    EXPECT_EQ(client.response().body.size(), 2'000'000u + 8);
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2000001\r\n\r\n");
    EXPECT_EQ(client.response().status, 413);
}

TEST_F(HttpServerTest, a_port_that_is_taken_is_an_error_that_says_so) {
    start();
    HttpServer other(pool, handler, {});
    const auto result = other.listen("127.0.0.1", port);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().message,
              "cannot listen on 127.0.0.1:" + std::to_string(port) + ": address already in use");
    EXPECT_FALSE(other.listen("no.such.host.invalid", 0).has_value());
    EXPECT_FALSE(other.listen("192.0.2.1", 0).has_value());
    EXPECT_TRUE(other.listen("localhost", 0).has_value());
}

TEST_F(HttpServerTest, running_out_of_descriptors_only_delays_new_connections) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
    GTEST_SKIP() << "UBSan's vptr check opens a pipe itself, and takes its failure for a finding";
#endif
#endif
    start();
    pool.run_on_each([](Shard&) {});  // the listeners are there
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = ::dup(STDERR_FILENO);
    ::close(next);
    rlimit tight = before;
    tight.rlim_cur = rlim_t(next) + 1;  // room for the client's end only
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
    TestClient client(port);
    client.send(get("/a"));
    EXPECT_TRUE(client.connected());
    EXPECT_TRUE(client.silent_for(50ms));
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(client.response().body, "GET /a ");
}

TEST_F(HttpServerTest, serves_many_connections_at_once) {
    start();
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<TestClient>(port));
    for (int round = 0; round < 3; ++round) {
        for (auto& client : clients) client->send(pipelined);
        for (auto& client : clients) expect_pipelined(*client);
    }
    EXPECT_EQ(server->stats().open, 200u);
    EXPECT_EQ(server->stats().requests, 2400u);
}

TEST_F(HttpServerTest, may_be_destroyed_under_way_and_late_answers_are_dropped) {
    start();
    TestClient client(port);
    client.send(get("/hold"));
    TestClient half(port);
    half.send("GET");
    ASSERT_TRUE(eventually([&] { return handler.holding() == 1 && server->stats().open == 2; }));
    server.reset();
    EXPECT_TRUE(client.at_end());
    for (auto& [shard, responder] : handler.take_held()) responder.send(Response{});
}

}  // namespace
}  // namespace pulse::net
