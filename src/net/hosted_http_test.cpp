#include "net/hosted_http.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <optional>
#include <stdexcept>

#include "net/test_client.hpp"

namespace pulse::net {
namespace {

class Handler final : public HttpHandler {
public:
    void on_request(Request request, Responder responder) override {
        if (request.path() == "/throw") throw std::runtime_error("a handler's mistake");
        if (request.path() == "/drop") return;
        if (request.path() == "/watch") responder.on_abort(*Shard::current(), [this] { ++aborted; });
        if (request.path() != "/now") {
            const std::lock_guard lock(mutex);
            held = std::move(responder);
            holding = true;
            return;
        }
        responder.send(Response{200, {}, request.method + " " + request.body + " for " + request.peer});
    }
    void on_upgrade(Request request, Upgrade upgrade) override {
        if (request.path() == "/refuse") return upgrade.refuse(Response{403, {}, "no"});
        Shard& home = upgrade.at();
        UpgradedSocket taken = upgrade.take(home);
        const std::string text = "taken:" + taken.leftover;
        boost::system::error_code error;
        taken.socket.write_some(boost::asio::buffer(text), error);
    }
    Response on_bad_request(unsigned status, std::string_view, const Request&) override {
        return Response{status, {}, {}};
    }

    std::atomic<int> aborted{0};
    std::atomic<bool> holding{false};
    std::mutex mutex;
    std::optional<Responder> held;
};

// What a host gets back.
struct Answers {
    std::mutex mutex;
    std::vector<Response> all;
    std::atomic<int> count{0};
    std::atomic<bool> on_shard{true};

    std::shared_ptr<HostedRequest> ticket() {
        return std::make_shared<HostedRequest>([this](Response response) {
            const std::lock_guard lock(mutex);
            if (!Shard::current()) on_shard = false;
            all.push_back(std::move(response));
            ++count;
        });
    }
};

Request to(std::string target) {
    Request request;
    request.method = "GET";
    request.target = std::move(target);
    request.body = "text";
    request.peer = "192.0.2.1";
    return request;
}

struct HostedHttpTest : testing::Test {
    ShardPool pool{2, system_clock()};
    Handler handler;
    Answers answers;
    std::unique_ptr<HostedHttp> http;

    void start(HttpLimits limits = {}) {
        http = std::make_unique<HostedHttp>(pool, handler, limits);
        pool.start();
    }
    void TearDown() override {
        handler.held.reset();
        pool.stop();
        http.reset();
    }
    // Two ends of a TCP connection: a client's, and the one that a host has accepted.
    std::pair<TestClient, int> connection() {
        const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof own;
        EXPECT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&own), size), 0);
        EXPECT_EQ(::listen(listening, 1), 0);
        EXPECT_EQ(::getsockname(listening, reinterpret_cast<sockaddr*>(&own), &size), 0);
        TestClient client(ntohs(own.sin_port));
        const int accepted = ::accept(listening, nullptr, nullptr);
        ::close(listening);
        return {std::move(client), accepted};
    }
};

TEST_F(HostedHttpTest, request_is_answered_once_on_a_shard) {
    start();
    http->handle(to("/now"), answers.ticket());
    ASSERT_TRUE(eventually([&] { return answers.count == 1; }));
    EXPECT_EQ(answers.all[0].body, "GET text for 192.0.2.1");
    EXPECT_TRUE(answers.on_shard);
    EXPECT_EQ(http->stats().requests, 1u);
}

TEST_F(HostedHttpTest, handler_that_throws_or_forgets_answers_500) {
    start();
    for (const auto* path : {"/throw", "/drop"}) http->handle(to(path), answers.ticket());
    ASSERT_TRUE(eventually([&] { return answers.count == 2; }));
    for (const auto& response : answers.all) EXPECT_EQ(response.status, 500u);
}

TEST_F(HostedHttpTest, who_watches_is_told_of_an_abandoned_request_and_no_answer_comes) {
    start();
    const auto ticket = answers.ticket();
    http->handle(to("/watch"), ticket);
    ASSERT_TRUE(eventually([&] { return handler.holding.load(); }));
    EXPECT_TRUE(ticket->abandon());
    EXPECT_FALSE(ticket->abandon());
    EXPECT_TRUE(eventually([&] { return handler.aborted == 1; }));
    handler.held->send(Response{});
    EXPECT_EQ(answers.count, 0);
}

TEST_F(HostedHttpTest, who_watches_an_abandoned_request_later_is_told_too) {
    start();
    const auto ticket = answers.ticket();
    EXPECT_TRUE(ticket->abandon());
    http->handle(to("/watch"), ticket);
    EXPECT_TRUE(eventually([&] { return handler.aborted == 1; }));
}

TEST_F(HostedHttpTest, answered_request_cannot_be_abandoned) {
    start();
    const auto ticket = answers.ticket();
    http->handle(to("/watch"), ticket);
    ASSERT_TRUE(eventually([&] { return handler.holding.load(); }));
    handler.held->send(Response{});
    EXPECT_EQ(answers.count, 1);
    EXPECT_FALSE(ticket->abandon());
    pool.run_on_each([](Shard&) {});  // nothing was posted to whom it would have told
    EXPECT_EQ(handler.aborted, 0);
}

TEST_F(HostedHttpTest, shards_that_stop_answer_what_they_did_not_come_to) {
    http = std::make_unique<HostedHttp>(pool, handler);
    http->handle(to("/now"), answers.ticket());
    EXPECT_EQ(answers.count, 0);
    pool.stop();
    ASSERT_EQ(answers.count, 1);
    EXPECT_EQ(answers.all[0].status, 500u);
}

TEST_F(HostedHttpTest, upgraded_connection_is_handed_over_with_what_was_received) {
    start();
    auto [client, accepted] = connection();
    http->upgrade(to("/take"), accepted, "more");
    EXPECT_EQ(client.read_to_end(), "taken:more");
    EXPECT_TRUE(eventually([&] { return http->stats().open == 0 && http->stats().upgraded == 0; }));
}

TEST_F(HostedHttpTest, refused_upgrade_is_answered_and_closed) {
    start();
    auto [client, accepted] = connection();
    http->upgrade(to("/refuse"), accepted, {});
    const auto response = client.response();
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(response.body, "no");
    EXPECT_TRUE(client.at_end());
}

TEST_F(HostedHttpTest, upgrades_beyond_the_limit_are_closed_at_once) {
    HttpLimits none;
    none.connections = 0;
    start(none);
    auto [client, accepted] = connection();
    http->upgrade(to("/take"), accepted, "more");
    EXPECT_TRUE(client.at_end());
    EXPECT_EQ(http->stats().refused_over_limit, 1u);
}

TEST_F(HostedHttpTest, descriptor_that_is_no_socket_is_closed) {
    start();
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    http->upgrade(to("/take"), ends[1], {});
    char byte = 0;
    EXPECT_EQ(::read(ends[0], &byte, 1), 0);  // the writing end was closed
    ::close(ends[0]);
}

}  // namespace
}  // namespace pulse::net
