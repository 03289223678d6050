// How a client ends, whatever it is doing at the moment, and what callbacks may do to it.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "redis/test_server.hpp"

namespace pulse::redis {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using testing::eventually;
using testing::TestServer;

// A Redis that answers the log-in before it was said: so the answers are there when they are looked for, and
// what has read them waits for its turn on the loop.
class EagerServer {
public:
    EagerServer() { acceptor_.non_blocking(true); }
    Target target() const { return {.host = "127.0.0.1", .port = acceptor_.local_endpoint().port()}; }
    void serve() {
        boost::system::error_code none;
        tcp::socket peer(context_);
        acceptor_.accept(peer, none);
        if (none) return;
        boost::asio::write(peer, boost::asio::buffer(std::string_view("+OK\r\n+PONG\r\n+more\r\n")), none);
        peers_.push_back(std::move(peer));
    }

private:
    boost::asio::io_context context_;
    tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
    std::vector<tcp::socket> peers_;
};

// A shard that the test runs by hand, handler by handler.
struct Steps {
    bool step() { return shard.context().run_one_for(20ms) == 1; }
    void run_out() {
        while (shard.context().poll_one() == 1) {
        }
    }
    net::Shard shard{0, system_clock()};
};

TEST(RedisClientLifetime, a_stop_at_any_moment_of_the_log_in_is_the_last_that_anybody_hears) {
    int logged_in = 0;
    for (int stop_after = 0; stop_after < 20; ++stop_after) {
        EagerServer server;
        Steps loop;
        Client client(loop.shard, server.target());
        int ups = 0;
        client.on_commands([&](State) { ++ups; });
        client.start();
        for (int i = 0; i < stop_after && loop.step(); ++i) server.serve();
        client.stop();
        const int before = ups;
        loop.run_out();
        EXPECT_EQ(ups, before) << "stopped after " << stop_after << " steps";
        EXPECT_FALSE(client.up()) << "stopped after " << stop_after << " steps";
        logged_in += before;
    }
    EXPECT_GT(logged_in, 0);  // the last ones came as far as that
}

TEST(RedisClientLifetime, may_end_at_any_moment_while_its_shard_runs) {
    TestServer server;
    const Script script("return 1");
    for (const bool by_name : {false, true}) {
        for (int end_after = 0; end_after < 20; ++end_after) {
            Steps loop;
            auto target = server.target();
            if (by_name) target.host = "localhost";
            auto client = std::make_unique<Client>(loop.shard, std::move(target));
            int answers = 0;
            client->subscribe("room", [](auto, auto) {});
            client->send({"GET", "key"}, [&](const Result<Reply>&) { ++answers; });
            client->eval(script, {}, {}, 20s, [&](const Result<Reply>&) { ++answers; });
            client->start();
            for (int i = 0; i < end_after; ++i) loop.step();
            client.reset();
            loop.run_out();
            EXPECT_EQ(answers, 2) << "ended after " << end_after << " steps";
        }
    }
}

TEST(RedisClientLifetime, may_be_destroyed_from_another_thread_while_it_is_busy) {
    TestServer server;
    net::ShardPool shards(2, system_clock());
    shards.start();
    std::atomic<int> answers{0};
    constexpr int rounds = 20;
    for (int i = 0; i < rounds; ++i) {
        Client client(shards[0], server.target());
        client.subscribe("room", [](auto, auto) {});
        client.start();
        client.send({"GET", "key"}, Duration::max(), [&](const Result<Reply>&) { ++answers; });
        if (i % 2 == 0) ASSERT_TRUE(eventually([&] { return client.up(); }));
    }
    EXPECT_TRUE(eventually([&] { return answers == rounds; }));
    shards.stop();
}

TEST(RedisClientLifetime, callbacks_may_let_go_of_it) {
    TestServer server;
    net::ShardPool shards(1, system_clock());
    shards.start();
    enum class By { answer, message, watcher, late };
    for (const auto by : {By::answer, By::message, By::watcher, By::late}) {
        std::promise<void> gone;
        auto client = std::make_unique<Client>(shards[0], server.target(), Options{.connect_within = 20s});
        const auto let_go = [&client, &gone] {
            if (!client) return;
            client.reset();
            gone.set_value();
        };
        shards.run_on_each([&](net::Shard&) {
            if (by == By::watcher) client->on_subscriptions([&](State) { let_go(); });
            client->subscribe("room", [&](auto, auto) {
                if (by == By::message) let_go();
            });
            if (by == By::message) {
                client->on_subscriptions([&](State) { client->publish("room", "end"); });
            }
            client->start();
            if (by == By::answer) client->send({"PING"}, [&](const Result<Reply>&) { let_go(); });
            if (by == By::late) {
                client->send({"BLPOP", "nothing", "0"}, 1ms, [&](const Result<Reply>&) { let_go(); });
            }
        });
        EXPECT_EQ(gone.get_future().wait_for(30s), std::future_status::ready);
    }
    shards.stop();
}

TEST(RedisClientLifetime, whatever_callbacks_throw_the_connections_stay) {
    TestServer server;
    net::ShardPool shards(1, system_clock());
    Client client(shards[0], server.target(), {.deadline = 20s, .connect_within = 20s});
    std::atomic<int> ups{0}, heard{0};
    client.on_commands([&](State) {
        ++ups;
        throw 1;
    });
    client.on_subscriptions([&](State) { throw 2; });
    shards.start();
    client.start();
    const auto subscribe = [&](const std::string& room) {
        client.subscribe(room, [&](auto, auto) { throw ++heard; }, [&] { throw ++heard; });
    };
    subscribe("room");
    ASSERT_TRUE(eventually([&] { return heard == 1; }));
    client.publish("room", "one");
    ASSERT_TRUE(eventually([&] { return heard == 2; }));
    std::atomic<int> answers{0};
    client.send({"PING"}, [&](const Result<Reply>&) { throw ++answers; });
    client.send({"BLPOP", "nothing", "0.1"}, 1ms, [&](const Result<Reply>&) { throw ++answers; });
    client.send({"PING"}, [&](const Result<Reply>&) { throw ++answers; });
    EXPECT_TRUE(eventually([&] { return answers == 3; }));
    client.publish("room", "two");
    EXPECT_TRUE(eventually([&] { return heard == 3; }));
    EXPECT_EQ(client.stats().reconnects, 0u);
    server.kill();
    ASSERT_TRUE(eventually([&] { return ups == 2; }));  // and told of the loss
    server.start();
    ASSERT_TRUE(eventually([&] { return ups == 3 && heard == 4; }));
    shards.run_on_each([&](net::Shard&) { client.stop(); });
    shards.stop();
}

}  // namespace
}  // namespace pulse::redis
