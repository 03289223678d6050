// What a room retains, as its sockets see it.
#include <gtest/gtest.h>

#include <thread>

#include "net/test_client.hpp"
#include "socketio/fake_session.hpp"
#include "socketio/recovery.hpp"

namespace pulse::socketio {
namespace {

using Texts = std::vector<std::string>;

struct Board {
    explicit Board(Options options = {}, unsigned shards = 1) : world(std::move(options), shards) {
        nsp.on_connection([this](Socket& socket) {
            if (on_connection) on_connection(socket);
            last = &socket;
        });
    }
    World world;
    NamespaceImpl& nsp = world.of("/");
    std::function<void(Socket&)> on_connection;
    Socket* last = nullptr;
};

}  // namespace

TEST(Retaining, who_joins_is_sent_the_latest_of_each_key_once) {
    Board board;
    board.world.run([&] {
        board.nsp.to("r").retain("a").emit("e", Args({1}));
        board.nsp.to("r").retain("b").emit("e", Args({2}));
        board.nsp.to("r").retain("a").emit("e", Args({3}));
        board.nsp.to("q").retain().emit("other", {});
        auto& session = board.world.join("/");
        EXPECT_TRUE(session.take().empty());
        board.last->join("r");
        EXPECT_EQ(session.take(), (Texts{R"(42["e",2])", R"(42["e",3])"}));
        board.last->join("r");
        EXPECT_TRUE(session.take().empty());
        board.nsp.to("r").retain("a").emit("e", Args({4}));
        EXPECT_EQ(session.take(), (Texts{R"(42["e",4])"}));
        board.nsp.to("r").forget("a");
        board.last->leave("r");
        board.last->join("r");
        EXPECT_EQ(session.take(), (Texts{R"(42["e",2])"}));
        board.nsp.to("r").to("q").forget_all();
        board.last->leave("r");
        board.last->join("r");
        board.last->join("q");
        EXPECT_TRUE(session.take().empty());
    });
}

TEST(Retaining, a_newcomer_gets_the_namespaces_own_and_those_of_rooms_joined_early_after_its_connect) {
    Board board;
    board.nsp.use([](Socket& socket, Next next) {
        socket.join("early");
        next();
    });
    board.on_connection = [](Socket& socket) { socket.emit("welcome", {}); };
    board.world.run([&] {
        board.nsp.retain().emit("all", {});
        board.nsp.to("early").retain().emit("e", {});
        auto& session = board.world.open();
        session.text("0");
        const auto sent = session.take();
        ASSERT_EQ(sent.size(), 4u);
        EXPECT_TRUE(sent[0].starts_with("40{"));
        EXPECT_EQ(Texts(sent.begin() + 1, sent.end()),
                  (Texts{R"(42["all"])", R"(42["e"])", R"(42["welcome"])"}));
    });
}

TEST(Retaining, goes_with_conflation_of_the_same_key) {
    Board board;
    board.world.run([&] {
        auto& session = board.world.join("/");
        session.is_writable = false;
        const auto at = board.nsp.to("r").conflate("p").retain();
        at.emit("at", Args({1}));
        board.last->join("r");
        at.emit("at", Args({2}));
        EXPECT_TRUE(session.take().empty());
        session.become_writable();
        EXPECT_EQ(session.take(), (Texts{R"(42["at",2])"}));
    });
}

TEST(Retaining, is_bounded_and_counts_what_it_forgets) {
    Options options;
    options.max_retained_values = 2;
    Board board(options);
    board.world.run([&] {
        for (int i = 0; i < 5; ++i) board.nsp.to("r").retain(std::to_string(i)).emit("e", Args({i}));
        auto& session = board.world.join("/");
        board.last->join("r");
        EXPECT_EQ(session.take(), (Texts{R"(42["e",3])", R"(42["e",4])"}));
        EXPECT_EQ(board.world.shared->stats.retained_evicted, 3u);
    });
}

TEST(Retaining, a_recovered_client_gets_what_it_missed_and_then_what_its_rooms_retain) {
    Board board;
    board.nsp.use_recovery(LogRecoveryOptions{});
    board.on_connection = [](Socket& socket) { socket.join("r"); };
    board.world.run([&] {
        auto& session = board.world.open();
        session.text("0");
        const auto greeting = session.take().at(0);
        const auto pid = greeting.substr(greeting.find("\"pid\":\"") + 7, 20);
        board.nsp.to("r").retain("k").emit("state", Args({1}));
        session.end(engineio::CloseReason::transport_close);
        board.nsp.to("r").emit("event", {});
        board.nsp.to("r").retain("k").emit("state", Args({2}));
        auto& back = board.world.open();
        back.text("0{\"pid\":\"" + pid + "\",\"offset\":\"\"}");
        const auto sent = back.take();
        ASSERT_EQ(sent.size(), 3u);
        EXPECT_TRUE(sent[1].starts_with(R"(42["event",)")) << sent[1];
        EXPECT_EQ(sent[2], R"(42["state",2])");
        EXPECT_TRUE(board.last->recovered());
    });
}

// Two threads set the same key while sockets of both shards come and go: nobody goes back to an older value,
// and all end with the same one.
TEST(RetainingThreads, every_socket_sees_each_key_go_forward_and_ends_with_the_same) {
    Board board({}, 2);
    std::vector<FakeSession*> sessions;
    board.world.pool.run_on_each([&](net::Shard& shard) {
        if (shard.id() == 0) {
            for (int i = 0; i < 4; ++i) sessions.push_back(&board.world.join("/", 0));
        }
    });
    board.world.pool.run_on_each([&](net::Shard& shard) {
        if (shard.id() == 1) {
            for (int i = 0; i < 4; ++i) sessions.push_back(&board.world.join("/", 1));
        }
    });
    constexpr int rounds = 2000;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 2; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < rounds; ++i) {
                board.nsp.to("r").retain("k").emit("e", Args({thread, i}));
                if (i % 50 == 0) {
                    BroadcastOperator(board.nsp).sockets_join("r");
                } else if (i % 50 == 25 && thread == 0) {
                    BroadcastOperator(board.nsp).sockets_leave("r");
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    BroadcastOperator(board.nsp).sockets_leave("r");
    BroadcastOperator(board.nsp).sockets_join("r");
    std::vector<std::string> last;
    board.world.pool.run_on_each([&](net::Shard& shard) {
        for (FakeSession* session : sessions) {
            if (&session->home() != &shard) continue;
            int seen[2] = {-1, -1};
            for (const auto& text : session->sent) {
                int thread = 0;
                int i = 0;
                ASSERT_EQ(std::sscanf(text.c_str(), "42[\"e\",%d,%d]", &thread, &i), 2) << text;
                EXPECT_GE(i, seen[thread]);
                seen[thread] = i;
            }
        }
    });
    for (FakeSession* session : sessions) {
        ASSERT_FALSE(session->sent.empty());
        last.push_back(session->sent.back());
    }
    EXPECT_EQ(std::count(last.begin(), last.end(), last.front()), 8);
}

}  // namespace pulse::socketio
