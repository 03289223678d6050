#include "socketio/source_recovery.hpp"

#include <gtest/gtest.h>

#include "socketio/fake_returning.hpp"

namespace pulse::socketio {
namespace json = boost::json;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

// A log that outlives servers: event n is called "n".
struct Log {
    int head = 0;
    int trimmed = 0;  // reaches back to after this one
    bool hold = false;
    std::vector<std::function<void()>> held;
};

struct Source final : RecoverySource {
    explicit Source(Log& the_log) : log(the_log) {}
    Log& log;
    std::string owner(Socket& socket) override {
        const auto* user = socket.handshake().auth.if_contains("user");
        return user ? std::string(user->as_string()) : "somebody";
    }
    void begin(Socket&, std::function<void(std::string)> done) override { done(std::to_string(log.head)); }
    void resume(Socket& socket, LastSeen seen,
                std::function<void(std::optional<std::vector<MissedEvent>>)> done) override {
        socket.join("all");
        const int start = std::stoi(seen.start);
        const int after = seen.offset ? std::max(start, std::atoi(seen.offset->c_str())) : start;
        auto answer = [this, after, done = std::move(done)] {
            if (after < log.trimmed || after > log.head) return done(std::nullopt);
            std::vector<MissedEvent> missed;
            for (int n = after + 1; n <= log.head; ++n)
                missed.push_back({std::to_string(n), Args(), std::to_string(n)});
            done(std::move(missed));
        };
        if (log.hold) {
            log.held.push_back(std::move(answer));
        } else {
            answer();
        }
    }
};

struct Node : World {
    explicit Node(Log& the_log, unsigned shards = 1) : World({}, shards), log(the_log), nsp(of("/")) {
        nsp.use_recovery(SourceRecoveryOptions{std::make_shared<Source>(log), "secret"});
        nsp.on_connection([](Socket& socket) { socket.join("all"); });
    }
    void emit() {
        ++log.head;
        nsp.to("all").at(std::to_string(log.head)).emit(std::to_string(log.head), {});
    }
    void drop(FakeSession& session) { session.end(engineio::CloseReason::transport_close); }
    Log& log;
    NamespaceImpl& nsp;
};

}  // namespace

TEST(SourceRecovery, a_session_survives_a_restart_and_comes_back_elsewhere) {
    Log log;
    Returning client;
    {
        Node node(log);
        node.run([&] {
            auto& session = node.open();
            client.connect(session);
            node.emit();
            client.read(session);
            EXPECT_EQ(client.take(), Texts{"1"});
        });
    }
    const auto sid = client.sid;
    log.head = 3;
    Node node(log, 2);
    node.run([&] {
        auto& session = node.open();
        client.connect(session);
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.sid, sid);
        EXPECT_EQ(client.take(), (Texts{"2", "3"}));
        node.emit();
        node.nsp.to(sid).emit("to its id", {});
        client.read(session);
        EXPECT_EQ(client.take(), (Texts{"4", "to its id"}));
    });
}

TEST(SourceRecovery, trap_a_a_string_that_comes_last_does_not_pass_for_an_offset) {
    Log log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& session = node.open();
        client.connect(session);
        node.emit();
        client.read(session);
        const Args words({json::value("words")});
        node.nsp.to("all").emit("unlogged", words);
        node.nsp.to("all").volatile_().emit("unlogged", words);
        node.nsp.to(client.sid).emit("unlogged", words);
        EXPECT_EQ(session.sent.at(0), R"(42["unlogged","words",null])");
        client.read(session);
        EXPECT_EQ(client.offset, "1");
    });
}

TEST(SourceRecovery, trap_b_and_c_a_quiet_session_is_recovered_also_before_its_first_event) {
    Log log{.head = 41};
    Node node(log);
    node.run([&] {
        Returning client;
        auto* session = &node.open();
        client.connect(*session);
        for (int round = 0; round < 3; ++round) {
            node.drop(*session);
            session = &node.open();
            client.connect(*session);
            EXPECT_TRUE(client.recovered);
        }
        EXPECT_EQ(client.take(), Texts{});
        node.drop(*session);
        node.emit();
        client.connect(node.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"42"});
    });
}

TEST(SourceRecovery, trap_d_an_offset_of_an_earlier_session_repeats_nothing) {
    Log log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& first = node.open();
        client.connect(first);
        node.emit();
        client.read(first);
        node.drop(first);
        log.head = log.trimmed = 10;
        auto& second = node.open();
        client.connect(second);
        EXPECT_FALSE(client.recovered);
        EXPECT_EQ(node.shared->stats.not_recovered, 1u);
        node.drop(second);
        client.connect(node.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"1"});
    });
}

TEST(SourceRecovery, trap_e_a_connection_that_looks_alive_is_ended_and_its_packets_are_not_lost) {
    Log log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& half_open = node.open();
        client.connect(half_open);
        node.emit();
        half_open.take();
        client.connect(node.open());
        EXPECT_FALSE(half_open.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"1"});
        EXPECT_EQ(node.shared->stats.connected, 1u);
    });
}

TEST(SourceRecovery, trap_f_two_at_once_do_not_both_become_it) {
    Log log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& first = node.open();
        client.connect(first);
        node.drop(first);
        log.hold = true;
        Returning twin = client;
        auto& one = node.open();
        client.connect(one);
        auto& two = node.open();
        twin.connect(two);
        EXPECT_FALSE(one.open());
        for (const auto& answer : std::exchange(log.held, {})) answer();
        client.read(one);
        twin.read(two);
        EXPECT_FALSE(client.recovered);
        EXPECT_TRUE(twin.recovered);
        EXPECT_EQ(node.shared->stats.connected, 1u);
    });
}

TEST(SourceRecovery, live_events_follow_the_replay_without_gap_or_repetition) {
    Log log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& first = node.open();
        client.connect(first);
        node.drop(first);
        node.emit();
        log.hold = true;
        auto& second = node.open();
        client.connect(second);
        node.emit();
        EXPECT_EQ(client.take(), Texts{});
        for (const auto& answer : std::exchange(log.held, {})) answer();
        node.emit();
        client.read(second);
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), (Texts{"1", "2", "3"}));
    });
}

TEST(SourceRecovery, a_client_that_left_while_it_was_being_resumed_is_left_alone) {
    Log log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& first = node.open();
        client.connect(first);
        node.drop(first);
        log.hold = true;
        auto& second = node.open();
        client.connect(second);
        node.drop(second);
        for (const auto& answer : std::exchange(log.held, {})) answer();
        log.hold = false;
        client.connect(node.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(node.shared->stats.connected, 1u);
    });
}

TEST(SourceRecovery, a_session_is_bound_to_its_owner_and_ends_with_its_seal) {
    Log log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& first = node.open();
        client.connect(first, {{"user", "ann"}});
        Returning thief = client;
        thief.connect(node.open(), {{"user", "bob"}});
        EXPECT_FALSE(thief.recovered);
        EXPECT_TRUE(first.open());
        for (const auto* made_up : {"", "x", "....", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.1.1.x"}) {
            Returning liar;
            liar.pid = made_up;
            liar.connect(node.open());
            EXPECT_FALSE(liar.recovered);
        }
        auto& session = node.open();
        session.text(R"(0{"pid":7,"offset":{}})");
        EXPECT_EQ(session.take().size(), 1u);
    });
}

}  // namespace pulse::socketio
