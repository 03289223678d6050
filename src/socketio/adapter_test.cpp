#include "socketio/adapter.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <future>
#include <mutex>

#include "socketio/fake_session.hpp"
#include "socketio/handshake_json.hpp"

namespace pulse::socketio {
namespace json = boost::json;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

// Notes what it is asked for, and does nothing.
class NotingAdapter final : public Adapter {
public:
    void broadcast(const Target& target, std::string_view event, const Args&) override {
        note("broadcast " + std::string(event) + " to " + std::to_string(target.rooms.size()));
    }
    void broadcast_with_ack(const Target&, std::string_view event, const Args&, Duration,
                            const std::shared_ptr<BroadcastAcks>&) override {
        note("ask " + std::string(event));
    }
    void sockets_join(const Target&, const Texts& rooms) override { note("join " + rooms[0]); }
    void sockets_leave(const Target&, const Texts& rooms) override { note("leave " + rooms[0]); }
    void disconnect_sockets(const Target&, bool close) override { note(close ? "close" : "disconnect"); }
    void fetch_sockets(const Target&, std::function<void(FetchedSockets)> done) override {
        done({{}, false});
    }
    void server_side_emit(std::string_view event, const Args&) override {
        note("tell " + std::string(event));
    }
    void server_side_emit_with_ack(std::string_view event, const Args&,
                                   std::function<void(ServerSideAnswers)> done) override {
        note("consult " + std::string(event));
        done({{1}, true});
    }
    void on_room(std::string_view room, bool present) override {
        note((present ? "+" : "-") + std::string(room));
    }
    void on_socket(const std::string&, bool present) override { note(present ? "+socket" : "-socket"); }

    Texts take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(notes_, {});
    }

private:
    void note(std::string text) {
        const std::lock_guard lock(mutex_);
        notes_.push_back(std::move(text));
    }
    std::mutex mutex_;
    Texts notes_;
};

std::shared_ptr<NotingAdapter> note_for(Namespace& nsp) {
    const auto adapter = std::make_shared<NotingAdapter>();
    nsp.use_adapter([&](const std::weak_ptr<LocalSockets>&) { return adapter; });
    return adapter;
}

}  // namespace

TEST(Adapter, carries_out_all_but_what_is_for_this_node_only) {
    World world;
    Namespace& nsp = world.of("/");
    const auto adapter = note_for(nsp);
    world.run([&] {
        auto& session = world.join("/");
        adapter->take();
        nsp.to("a").to("b").emit("e", {});
        nsp.emit("f", {});
        nsp.to("a").emit_with_ack("q", {}, 1s, [](std::vector<Args>, std::size_t) {});
        nsp.in("a").sockets_join("b");
        nsp.sockets_leave("b");
        nsp.disconnect_sockets(true);
        nsp.server_side_emit("s", {});
        EXPECT_EQ(adapter->take(), (Texts{"broadcast e to 2", "broadcast f to 0", "ask q", "join b",
                                          "leave b", "close", "tell s"}));
        EXPECT_TRUE(session.take().empty());

        nsp.local().sockets_join("here");
        EXPECT_EQ(adapter->take(), Texts{"+here"});
        nsp.to("here").local().emit("e", {});
        nsp.local().disconnect_sockets();
        EXPECT_EQ(session.take(), (Texts{R"(42["e"])", "41"}));
        EXPECT_EQ(adapter->take(), (Texts{"-here", "-socket"}));
        EXPECT_THROW(nsp.emit("connect", {}), std::invalid_argument);
        EXPECT_THROW(nsp.server_side_emit("connection", {}), std::invalid_argument);
        EXPECT_TRUE(adapter->take().empty());
    });
}

TEST(Adapter, hears_of_a_rooms_first_and_last_member_over_all_shards) {
    World world({}, 2);
    auto& nsp = world.of("/");
    const auto adapter = note_for(nsp);
    const auto on_shard = [&](net::ShardId shard, const std::function<void()>& work) {
        world.pool.run_on_each([&](net::Shard& here) {
            if (here.id() == shard) work();
        });
    };
    nsp.on_connection([](Socket& socket) {
        socket.join("r");
        socket.join(socket.id());
    });
    on_shard(0, [&] { world.join("/", 0); });
    auto notes = adapter->take();
    ASSERT_EQ(notes.size(), 3u);
    EXPECT_EQ(notes[0], "+socket");
    EXPECT_EQ(notes[1], "+r");
    EXPECT_EQ(notes[2].size(), 21u);  // its own room, joined by name
    on_shard(1, [&] { world.join("/", 1); });
    EXPECT_EQ(adapter->take().size(), 2u);
    on_shard(0, [&] { world.sessions[0]->text("1"); });
    EXPECT_EQ(adapter->take().size(), 2u);
    on_shard(1, [&] { world.sessions[1]->text("1"); });
    notes = adapter->take();
    EXPECT_EQ(std::count(notes.begin(), notes.end(), "-r"), 1);
}

TEST(Adapter, without_another_the_cluster_is_this_node) {
    World world;
    Namespace& nsp = world.of("/");
    nsp.describe_sockets_by([](Socket& socket) { return json::object{{"rooms", socket.rooms().size()}}; });
    int heard = 0;
    nsp.on_server_side("s", [&](const Args&, Ack) { ++heard; });
    world.run([&] {
        world.join("/");
        world.join("/");
        nsp.local().sockets_join("r");
        std::optional<FetchedSockets> fetched;
        nsp.in("r").fetch_sockets([&](FetchedSockets got) { fetched = std::move(got); });
        ASSERT_TRUE(fetched);
        EXPECT_TRUE(fetched->complete);
        ASSERT_EQ(fetched->sockets.size(), 2u);
        const RemoteSocket& socket = fetched->sockets[0];
        EXPECT_EQ(socket.id.size(), 20u);
        EXPECT_EQ(socket.rooms, (Texts{socket.id, "r"}));
        EXPECT_EQ(json::serialize(socket.data), R"({"rooms":2})");
        EXPECT_EQ(socket.handshake.at("query").as_object().at("token"), "q");

        std::optional<ServerSideAnswers> answers;
        nsp.server_side_emit_with_ack("s", {}, [&](ServerSideAnswers got) { answers = std::move(got); });
        nsp.server_side_emit("s", {});
        ASSERT_TRUE(answers);
        EXPECT_TRUE(answers->complete && answers->answers.empty());
        EXPECT_EQ(heard, 0);
    });
}

TEST(Adapter, a_coroutine_can_wait_for_the_sockets) {
    World world;
    Namespace& nsp = world.of("/");
    std::promise<std::size_t> counted;
    struct Waiter {
        static Task<> run(Namespace& nsp, std::promise<std::size_t>& counted) {
            const auto fetched = co_await nsp.fetch_sockets();
            counted.set_value(fetched.sockets.size());
        }
    };
    world.run([&] {
        world.join("/");
        boost::asio::co_spawn(world.pool[0].context(), Waiter::run(nsp, counted), boost::asio::detached);
    });
    auto future = counted.get_future();
    ASSERT_EQ(future.wait_for(10s), std::future_status::ready);
    EXPECT_EQ(future.get(), 1u);
}

TEST(Adapter, a_server_side_handler_that_throws_costs_nothing_else) {
    World world;
    NamespaceImpl& nsp = world.of("/");
    int heard = 0;
    nsp.on_server_side("s", [](const Args&, Ack) { throw std::runtime_error("no"); });
    nsp.on_server_side("s", [&](const Args& args, Ack ack) {
        ++heard;
        ack(args);
    });
    std::size_t answered = 0;
    EXPECT_TRUE(nsp.receive_server_side("s", Args({1}), Ack([&](Args args) { answered = args.size(); })));
    EXPECT_FALSE(nsp.receive_server_side("t", {}, Ack()));
    EXPECT_EQ(heard, 1);
    EXPECT_EQ(answered, 1u);
}

TEST(Handshake, is_told_with_the_keys_of_nodes_own) {
    net::Request request;
    request.target = "/socket.io/?EIO=4&a=1&a=2&b=x%20y";
    request.peer = "10.0.0.1";
    request.headers.add("Origin", "http://page");
    const json::object auth{{"k", 1}};
    const auto told = handshake_json({request, WallTime(1'700'000'000'123ms), auth});
    EXPECT_EQ(json::serialize(told),
              R"({"headers":{"origin":"http://page"},)"
              R"x("time":"Tue Nov 14 2023 22:13:20 GMT+0000 (Coordinated Universal Time)",)x"
              R"("address":"10.0.0.1","xdomain":true,"secure":false,"issued":1700000000123,)"
              R"("url":"/socket.io/?EIO=4&a=1&a=2&b=x%20y",)"
              R"("query":{"EIO":"4","a":["1","2"],"b":"x y"},"auth":{"k":1}})");
}

TEST(Handshake, of_a_client_that_sent_other_bytes_is_json_all_the_same) {
    net::Request request;
    request.target = "/\xff?a=%ff&%fe=1";
    request.headers.add("x", "caf\xe9");
    const auto told = handshake_json({request, WallTime(), {}});
    EXPECT_EQ(told.at("headers").at("x"), "caf\xc3\xa9");
    boost::system::error_code error;
    json::parse(json::serialize(told), error);
    EXPECT_FALSE(error);
}

TEST(Handshake, can_be_told_without_its_secrets) {
    net::Request request;
    request.target = "/socket.io/?EIO=4&transport=polling&token=secret";
    request.headers.add("Authorization", "Bearer secret");
    request.headers.add("Cookie", "io=secret");
    request.headers.add("Host", "h");
    const json::object auth{{"token", "secret"}};
    auto told = handshake_json({request, WallTime(), auth});
    hide_credentials(told);
    EXPECT_EQ(json::serialize(told).find("secret"), std::string::npos);
    EXPECT_EQ(told["url"], "/socket.io/");
    EXPECT_EQ(json::serialize(told["query"]), R"({"EIO":"4","transport":"polling"})");
    EXPECT_EQ(json::serialize(told["headers"]), R"({"host":"h"})");
}

}  // namespace pulse::socketio
