#include "socketio/log_recovery.hpp"

#include <gtest/gtest.h>

#include "socketio/fake_returning.hpp"

namespace pulse::socketio {
namespace json = boost::json;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

struct Logged : World {
    explicit Logged(LogRecoveryOptions options = {}, unsigned shards = 1) : World({}, shards), nsp(of("/")) {
        nsp.use_recovery(std::move(options));
        nsp.on_connection([this](Socket& socket) {
            connected = &socket;
            if (!socket.recovered()) socket.join("room");
        });
    }
    Args text(std::string_view what) { return Args({json::value(json::string(what))}); }
    void drop(FakeSession& session) { session.end(engineio::CloseReason::transport_close); }

    NamespaceImpl& nsp;
    Socket* connected = nullptr;
};

}  // namespace

TEST(LogRecovery, a_client_gets_what_it_missed_in_order_and_is_who_it_was) {
    Logged world;
    world.run([&] {
        Returning client;
        auto& first = world.open();
        client.connect(first);
        EXPECT_FALSE(client.recovered);
        const auto sid = client.sid;
        world.nsp.to("room").emit("one", {});
        client.read(first);
        world.drop(first);
        world.nsp.to("room").emit("two", {});
        world.nsp.to("elsewhere").emit("not for it", {});
        world.nsp.to(sid).emit("three", {});
        world.nsp.except("room").emit("not for it", {});
        world.nsp.emit("four", {});
        auto& second = world.open();
        client.connect(second);
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.sid, sid);
        EXPECT_EQ(client.take(), (Texts{"one", "two", "three", "four"}));
        EXPECT_TRUE(world.connected->recovered());
        world.nsp.to("room").emit("five", {});
        world.connected->emit("six", {});
        client.read(second);
        EXPECT_EQ(client.take(), (Texts{"five", "six"}));
        EXPECT_EQ(world.shared->stats.recovered, 1u);
    });
}

TEST(LogRecovery, trap_a_a_string_that_comes_last_does_not_pass_for_an_offset) {
    Logged world;
    world.run([&] {
        Returning client;
        auto& first = world.open();
        client.connect(first);
        world.nsp.to("room").emit("logged", {});
        client.read(first);
        const auto offset = client.offset;
        world.nsp.to("room").volatile_().emit("volatile", world.text("words"));
        world.connected->emit("volatile", world.text("words"), Delivery::may_drop);
        EXPECT_EQ(first.sent.at(0), R"(42["volatile","words",null])");
        client.read(first);
        EXPECT_EQ(client.offset, offset);
        world.drop(first);
        world.nsp.to("room").emit("missed", {});
        client.connect(world.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), (Texts{"logged", "volatile", "volatile", "missed"}));
    });
}

TEST(LogRecovery, trap_b_a_quiet_session_outlives_the_log) {
    LogRecoveryOptions options;
    options.max_events = 3;
    Logged world(options);
    world.run([&] {
        Returning client;
        auto& first = world.open();
        client.connect(first);
        world.nsp.to("room").emit("one", {});
        client.read(first);
        for (int i = 0; i < 10; ++i) world.nsp.to("elsewhere").emit("not for it", {});
        world.drop(first);
        world.nsp.to("room").emit("two", {});
        auto& second = world.open();
        client.connect(second);
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), (Texts{"one", "two"}));
        // And again, with nothing for it in between.
        for (int i = 0; i < 10; ++i) world.nsp.to("elsewhere").emit("not for it", {});
        world.drop(second);
        client.connect(world.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{});
    });
}

TEST(LogRecovery, trap_c_a_session_that_got_no_event_yet_is_recovered) {
    Logged world;
    world.run([&] {
        Returning client;
        auto& before = world.open();
        Returning somebody;
        somebody.connect(before);
        world.nsp.emit("before its time", {});
        auto& first = world.open();
        client.connect(first);
        world.drop(first);
        world.nsp.to("room").emit("missed", {});
        client.connect(world.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"missed"});
    });
}

TEST(LogRecovery, trap_d_an_offset_of_an_earlier_session_repeats_nothing) {
    Logged world;
    world.run([&] {
        Returning client;
        auto& first = world.open();
        client.connect(first);
        world.nsp.to("room").emit("one", {});
        client.read(first);
        world.nsp.to("room").emit("two", {});  // lost with the connection
        first.take();
        world.drop(first);
        world.clock.advance(3min);
        auto& second = world.open();
        client.connect(second);
        EXPECT_FALSE(client.recovered);
        world.drop(second);
        client.connect(world.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"one"});
    });
    // The same with one of another process, which means nothing here, however high it is.
    Logged other;
    other.run([&] {
        Returning client;
        client.offset = "zzz.AAAAAAAA";
        auto& first = other.open();
        client.connect(first);
        other.drop(first);
        other.nsp.to("room").emit("missed", {});
        client.connect(other.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"missed"});
    });
}

TEST(LogRecovery, trap_e_a_connection_that_looks_alive_is_ended_and_its_packets_are_not_lost) {
    Logged world;
    world.run([&] {
        Returning client;
        auto& half_open = world.open();
        client.connect(half_open);
        world.nsp.to("room").emit("into the void", {});
        half_open.take();
        auto& second = world.open();
        client.connect(second);
        EXPECT_FALSE(half_open.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"into the void"});
        EXPECT_EQ(world.shared->stats.connected, 1u);
        world.nsp.to(client.sid).emit("to its id", {});
        client.read(second);
        EXPECT_EQ(client.take(), Texts{"to its id"});
    });
}

TEST(LogRecovery, trap_f_a_session_is_taken_once) {
    Logged world;
    world.run([&] {
        Returning client;
        auto& first = world.open();
        client.connect(first);
        world.drop(first);
        Returning twin = client;
        client.connect(world.open());
        EXPECT_TRUE(client.recovered);
        world.drop(*world.sessions.back());
        client.connect(world.open());
        EXPECT_TRUE(client.recovered);
        // The twin takes over, as the same client would; there are never two of them.
        twin.connect(world.open());
        EXPECT_EQ(world.shared->stats.connected, 1u);
    });
}

TEST(LogRecovery, twice_in_a_row_each_event_comes_once) {
    Logged world;
    world.run([&] {
        Returning client;
        auto* session = &world.open();
        client.connect(*session);
        Texts all;
        for (int round = 0; round < 5; ++round) {
            world.nsp.to("room").emit(std::to_string(round) + "a", {});
            client.read(*session);
            world.nsp.to("room").emit(std::to_string(round) + "b", {});
            session->take();
            world.drop(*session);
            world.nsp.to("room").emit(std::to_string(round) + "c", {});
            session = &world.open();
            client.connect(*session);
            EXPECT_TRUE(client.recovered);
            for (const auto* c : {"a", "b", "c"}) all.push_back(std::to_string(round) + c);
        }
        EXPECT_EQ(client.take(), all);
    });
}

TEST(LogRecovery, who_said_goodbye_or_stayed_away_too_long_is_a_newcomer) {
    Logged world;
    world.run([&] {
        Returning client;
        auto* session = &world.open();
        client.connect(*session);
        session->text("1");
        client.connect(*session);
        EXPECT_FALSE(client.recovered);
        world.connected->disconnect();
        client.connect(*session);
        EXPECT_FALSE(client.recovered);
        world.drop(*session);
        world.clock.advance(2min + 1s);
        client.connect(world.open());
        EXPECT_FALSE(client.recovered);
        EXPECT_EQ(world.shared->stats.not_recovered, 3u);
    });
}

TEST(LogRecovery, where_the_log_is_too_short_the_client_is_told) {
    LogRecoveryOptions options;
    options.max_events = 3;
    Logged world(options);
    world.run([&] {
        Returning client;
        auto& first = world.open();
        client.connect(first);
        const auto pid = client.pid;
        world.drop(first);
        for (int i = 0; i < 4; ++i) world.nsp.to("room").emit("missed", {});
        client.connect(world.open());
        EXPECT_FALSE(client.recovered);
        EXPECT_NE(client.pid, pid);
        EXPECT_EQ(client.take(), Texts{});
        EXPECT_EQ(world.connected->rooms().size(), 2u);  // its own and the one of the connection handler
    });
}

TEST(LogRecovery, middleware_runs_again_and_nobody_takes_anothers_session) {
    LogRecoveryOptions options;
    options.owner = [](Socket& socket) { return *std::static_pointer_cast<std::string>(socket.data()); };
    Logged world(options);
    world.nsp.use([](Socket& socket, Next next) {
        const auto* user = socket.handshake().auth.if_contains("user");
        if (!user) return next.refuse({"who are you", {}});
        socket.data() = std::make_shared<std::string>(user->as_string());
        next();
    });
    world.run([&] {
        Returning client;
        auto& first = world.open();
        client.connect(first, {{"user", "ann"}});
        Returning thief = client;
        auto& other = world.open();
        thief.connect(other, {{"user", "bob"}});
        EXPECT_TRUE(first.open());
        EXPECT_FALSE(thief.recovered);
        world.drop(first);
        auto& nobody = world.open();
        Returning unknown = client;
        unknown.connect(nobody);
        EXPECT_EQ(world.shared->stats.refused, 1u);
        thief.pid = client.pid;
        thief.connect(world.open(), {{"user", "bob"}});
        EXPECT_FALSE(thief.recovered);
        client.connect(world.open(), {{"user", "ann"}});
        EXPECT_TRUE(client.recovered);
    });
}

TEST(LogRecovery, data_is_restored_unless_the_middleware_set_it_anew) {
    Logged world;
    const auto data = std::make_shared<int>(7);
    world.run([&] {
        Returning client;
        auto& first = world.open();
        client.connect(first);
        world.connected->data() = data;
        world.drop(first);
        client.connect(world.open());
        EXPECT_EQ(world.connected->data(), data);
    });
}

TEST(LogRecovery, a_session_may_return_to_another_shard) {
    Logged world({}, 2);
    Returning client;
    const auto on = [&](unsigned id, const std::function<void()>& steps) {
        world.pool.run_on_each([&](net::Shard& shard) {
            if (shard.id() == id) steps();
        });
    };
    FakeSession* half_open = nullptr;
    FakeSession* second = nullptr;
    on(0, [&] {
        half_open = &world.open(0);
        client.connect(*half_open);
        world.nsp.to("room").emit("one", {});
        half_open->take();
    });
    on(1, [&] {
        second = &world.open(1);
        second->text("0{\"pid\":\"" + client.pid + "\"}");
    });
    on(0, [] {});
    on(1, [&] {
        client.read(*second);
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"one"});
    });
    on(0, [&] {
        EXPECT_FALSE(half_open->open());
        world.nsp.to(client.sid).emit("to its id", {});
        world.nsp.to("room").emit("to its room", {});
    });
    on(1, [&] {
        client.read(*second);
        EXPECT_EQ(client.take(), (Texts{"to its id", "to its room"}));
    });
}

TEST(LogRecovery, what_many_threads_emit_comes_in_the_order_of_the_offsets) {
    Logged world({}, 2);
    FakeSession* session = nullptr;
    world.run([&] {
        session = &world.open();
        session->text("0");
        session->take();
    });
    std::vector<std::thread> emitters;
    for (int i = 0; i < 3; ++i) {
        emitters.emplace_back([&] {
            for (int n = 0; n < 500; ++n) world.nsp.to("room").emit("tick", {});
        });
    }
    world.run([&] {
        for (int n = 0; n < 500; ++n) world.nsp.to("room").emit("tick", {});
    });
    for (auto& each : emitters) each.join();
    world.run([&] {
        const auto sent = session->take();
        ASSERT_EQ(sent.size(), 2000u);
        std::uint64_t last = 0;
        for (const auto& packet : sent) {
            const auto begin = packet.rfind(",\"") + 2;
            const auto position = std::stoull(packet.substr(begin, packet.find('.') - begin), nullptr, 36);
            ASSERT_GT(position, last);
            last = position;
        }
    });
}

}  // namespace pulse::socketio
