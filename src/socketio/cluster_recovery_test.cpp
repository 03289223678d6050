#include "socketio/cluster_recovery.hpp"

#include <gtest/gtest.h>

#include <map>

#include "socketio/event_log.hpp"
#include "socketio/fake_returning.hpp"

namespace pulse::socketio {
namespace json = boost::json;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

// What the nodes of a cluster share: the event at position n is the n-th; offsets are "n-".
struct Shelf {
    std::vector<std::shared_ptr<const LoggedEvent>> events;
    std::map<std::string, LeftSession> sessions;
    std::uint64_t trimmed = 0;  // reaches back to after this one
};

struct FakeLog final : ClusterLog {
    explicit FakeLog(Shelf& the_log) : log(the_log) {}
    std::uint64_t position_of(std::string_view offset) const override {
        return offset.ends_with('-') ? std::uint64_t(std::atoi(std::string(offset).c_str())) : 0;
    }
    std::string offset_of(std::uint64_t position) const override { return std::to_string(position) + "-"; }
    std::uint64_t head() const override { return log.events.size(); }
    std::uint64_t settled() const override { return log.events.size() - unsettled; }
    void save(LeftSession session, Duration) override { log.sessions[session.pid] = session; }
    void find(const std::string& pid, std::function<void(std::optional<LeftSession>)> done) override {
        const auto found = log.sessions.find(pid);
        auto answer = [done = std::move(done),
                       session = found == log.sessions.end() ? std::nullopt : std::optional(found->second)] {
            done(session);
        };
        hold ? held.push_back(std::move(answer)) : answer();
    }
    void take(const std::string& pid, std::uint64_t after, std::vector<std::string> rooms,
              std::function<void(std::optional<Missed>)> done) override {
        if (after < log.trimmed || log.sessions.erase(pid) == 0) return done(std::nullopt);
        Missed missed{{}, std::max<std::uint64_t>(after, head())};
        for (auto i = after; i < log.events.size(); ++i) {
            if (is_for(log.events[i]->target, rooms)) missed.events.push_back(log.events[i]);
        }
        done(std::move(missed));
    }
    Shelf& log;
    std::uint64_t unsettled = 0;
    bool hold = false;
    std::vector<std::function<void()>> held;
};

// Puts events into the log, and delivers them here.
struct FakeAdapter final : Adapter {
    FakeAdapter(std::weak_ptr<LocalSockets> sockets, std::shared_ptr<FakeLog> the_log)
        : here(std::move(sockets)), log(std::move(the_log)) {}
    void broadcast(const Target& target, std::string_view event, const Args& args) override {
        Target out = target;
        if (target.delivery == Delivery::reliable) {
            const auto position = log->log.events.size() + 1;
            log->log.events.push_back(
                std::make_shared<const LoggedEvent>(LoggedEvent{position, target, std::string(event), args}));
            out.offset = log->offset_of(position);
        } else {
            out.scope = Scope::this_node;
        }
        if (!away) here.lock()->deliver(out, event, args, nullptr);
    }
    void broadcast_with_ack(const Target&, std::string_view, const Args&, Duration,
                            const std::shared_ptr<BroadcastAcks>&) override {}
    void sockets_join(const Target&, const std::vector<std::string>&) override {}
    void sockets_leave(const Target&, const std::vector<std::string>&) override {}
    void disconnect_sockets(const Target&, bool) override {}
    void fetch_sockets(const Target&, std::function<void(FetchedSockets)>) override {}
    void server_side_emit(std::string_view, const Args&) override {}
    void server_side_emit_with_ack(std::string_view, const Args&,
                                   std::function<void(ServerSideAnswers)>) override {}
    void on_room(std::string_view, bool) override {}
    void on_socket(const std::string&, bool) override {}
    std::shared_ptr<ClusterLog> cluster_log() override { return log; }
    std::weak_ptr<LocalSockets> here;
    std::shared_ptr<FakeLog> log;
    bool away = false;  // what is emitted is still on its way
};

struct Node : World {
    explicit Node(Shelf& shelf, unsigned shards = 1, ClusterRecoveryOptions options = {})
        : World({}, shards), log(std::make_shared<FakeLog>(shelf)), nsp(of("/")) {
        nsp.use_adapter([this](std::weak_ptr<LocalSockets> here) {
            return adapter = std::make_shared<FakeAdapter>(std::move(here), log);
        });
        nsp.use_recovery(std::move(options));
        nsp.on_connection([this](Socket& socket) {
            if (!socket.recovered()) socket.join("all");
            sockets.push_back(&socket);
        });
    }
    void emit(const std::string& event) { nsp.to("all").emit(event, {}); }
    void drop(FakeSession& session) { session.end(engineio::CloseReason::transport_close); }
    std::shared_ptr<FakeLog> log;
    std::shared_ptr<FakeAdapter> adapter;
    NamespaceImpl& nsp;
    std::vector<Socket*> sockets;
};

}  // namespace

TEST(ClusterRecovery, a_session_comes_back_on_another_node_with_its_rooms_and_what_it_missed) {
    Shelf log;
    Returning client;
    {
        Node node(log);
        node.run([&] {
            auto& session = node.open();
            client.connect(session);
            node.emit("one");
            node.sockets[0]->emit("to it", {});
            client.read(session);
            EXPECT_EQ(client.take(), (Texts{"one", "to it"}));
            EXPECT_EQ(client.offset, "2-");
            node.drop(session);
            node.emit("missed");
            node.nsp.to(client.sid).emit("to its id", {});
            node.nsp.to("others").emit("not for it", {});
            node.nsp.to("all").except(client.sid).emit("not for it", {});
        });
    }
    const auto sid = client.sid;
    Node node(log, 2);
    node.run([&] {
        auto& session = node.open();
        client.connect(session);
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.sid, sid);
        EXPECT_EQ(client.take(), (Texts{"missed", "to its id"}));
        node.emit("two");
        node.sockets[0]->emit("to it", {});
        client.read(session);
        EXPECT_EQ(client.take(), (Texts{"two", "to it"}));
        EXPECT_EQ(node.shared->stats.recovered, 1u);
    });
}

TEST(ClusterRecovery, trap_a_what_has_no_offset_does_not_pass_for_one) {
    Shelf log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& session = node.open();
        client.connect(session);
        node.emit("one");
        client.read(session);
        const Args words({json::value("words")});
        node.nsp.to("all").volatile_().emit("unlogged", words);
        node.nsp.to("all").local().emit("unlogged", words);
        EXPECT_EQ(session.sent, (Texts(2, R"(42["unlogged","words",null])")));
        client.read(session);
        EXPECT_EQ(client.offset, "1-");
        node.drop(session);
        node.emit("missed");
        client.take();
        client.connect(node.open());
        EXPECT_EQ(client.take(), Texts{"missed"});
    });
}

TEST(ClusterRecovery, trap_b_and_c_a_quiet_session_is_recovered_also_before_its_first_event) {
    Shelf log;
    Node node(log);
    node.run([&] {
        for (int i = 0; i < 5; ++i) node.nsp.to("others").emit("e", {});
        Returning client;
        auto* session = &node.open();
        client.connect(*session);
        for (int round = 0; round < 3; ++round) {
            for (int i = 0; i < 5; ++i) node.nsp.to("others").emit("e", {});
            log.trimmed = log.events.size();  // nothing of what it has seen is left
            node.drop(*session);
            node.emit("missed");
            session = &node.open();
            client.connect(*session);
            EXPECT_TRUE(client.recovered);
            EXPECT_EQ(client.take(), Texts{"missed"});
        }
    });
}

TEST(ClusterRecovery, what_was_sent_into_a_dying_connection_is_sent_again) {
    Shelf log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& session = node.open();
        client.connect(session);
        node.emit("one");
        client.read(session);
        node.emit("into the void");
        session.take();
        node.drop(session);
        client.connect(node.open());
        EXPECT_EQ(client.take(), (Texts{"one", "into the void"}));
        // And not if the log no longer has it.
        auto& second = *node.sessions.back();
        node.emit("lost");
        second.take();
        log.trimmed = log.events.size();
        node.drop(second);
        client.connect(node.open());
        EXPECT_FALSE(client.recovered);
        EXPECT_EQ(client.take(), Texts{});
    });
}

TEST(ClusterRecovery, what_was_on_its_way_to_it_when_it_left_is_not_lost) {
    Shelf log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& session = node.open();
        client.connect(session);
        node.emit("one");
        client.read(session);
        // In the log, but not at its shard yet.
        node.adapter->away = true;
        node.emit("on its way");
        node.adapter->away = false;
        node.log->unsettled = 1;
        node.drop(session);
        client.connect(node.open());
        EXPECT_EQ(client.take(), (Texts{"one", "on its way"}));
    });
}

TEST(ClusterRecovery, trap_d_an_offset_of_an_earlier_session_repeats_nothing) {
    Shelf log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& first = node.open();
        client.connect(first);
        node.emit("one");
        client.read(first);
        node.drop(first);
        node.emit("lost");
        log.sessions.clear();
        auto& second = node.open();
        client.connect(second);
        EXPECT_FALSE(client.recovered);
        EXPECT_EQ(node.shared->stats.not_recovered, 1u);
        node.drop(second);
        client.take();
        client.connect(node.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{});
    });
}

TEST(ClusterRecovery, trap_e_a_connection_that_looks_alive_is_ended_first) {
    Shelf log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& half_open = node.open();
        client.connect(half_open);
        node.emit("one");
        half_open.take();
        client.connect(node.open());
        EXPECT_FALSE(half_open.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"one"});
        EXPECT_EQ(node.shared->stats.connected, 1u);
    });
}

TEST(ClusterRecovery, trap_f_two_at_once_do_not_both_become_it) {
    Shelf log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& session = node.open();
        client.connect(session);
        node.emit("one");
        client.read(session);
        node.drop(session);
        Returning twin = client;
        node.log->hold = true;
        auto& a = node.open();
        auto& b = node.open();
        client.connect(a);
        twin.connect(b);
        for (const auto& answer : std::exchange(node.log->held, {})) answer();
        client.read(a);
        twin.read(b);
        EXPECT_TRUE(client.recovered);
        EXPECT_FALSE(twin.recovered);
        EXPECT_NE(client.sid, twin.sid);
    });
}

TEST(ClusterRecovery, whoever_leaves_before_it_is_there_finds_its_session_again) {
    Shelf log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& session = node.open();
        client.connect(session);
        node.drop(session);
        node.log->hold = true;
        auto& hasty = node.open();
        client.connect(hasty);
        node.drop(hasty);
        for (const auto& answer : std::exchange(node.log->held, {})) answer();
        node.log->hold = false;
        node.emit("missed");
        client.connect(node.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.take(), Texts{"missed"});
    });
}

TEST(ClusterRecovery, nobody_takes_the_session_of_another_user) {
    Shelf log;
    ClusterRecoveryOptions options;
    options.owner = [](Socket& socket) {
        const auto* user = socket.handshake().auth.if_contains("user");
        return user ? std::string(user->as_string()) : std::string("nobody");
    };
    Node node(log, 1, std::move(options));
    node.run([&] {
        Returning client;
        auto& session = node.open();
        client.connect(session, {{"user", "a"}});
        Returning thief = client;
        thief.connect(node.open(), {{"user", "b"}});
        EXPECT_FALSE(thief.recovered);
        EXPECT_TRUE(session.open());
        node.drop(session);
        thief = client;
        thief.connect(node.open(), {{"user", "b"}});
        EXPECT_FALSE(thief.recovered);
        client.connect(node.open(), {{"user", "a"}});
        EXPECT_TRUE(client.recovered);
    });
}

TEST(ClusterRecovery, a_session_of_another_kind_of_node_is_recovered_by_its_clients_offset) {
    Shelf log;
    ClusterRecoveryOptions options;
    json::value restored;
    options.restore = [&](Socket&, const json::value& data) { restored = data; };
    Node node(log, 1, std::move(options));
    node.run([&] {
        for (const auto* event : {"one", "two", "three"}) node.emit(event);
        const LeftSession theirs{"sid", "pid", "", {"sid", "all"}, json::object{{"name", "a"}}, {}};
        log.sessions["pid"] = theirs;
        Returning client{"sid", "pid", "2-", false, {}};
        client.connect(node.open());
        EXPECT_TRUE(client.recovered);
        EXPECT_EQ(client.sid, "sid");
        EXPECT_EQ(client.take(), Texts{"three"});
        EXPECT_EQ(restored, json::value(json::object{{"name", "a"}}));
        // Without an offset nobody knows what it has.
        log.sessions["another"] = theirs;
        Returning other{"sid", "another", "", false, {}};
        other.connect(node.open());
        EXPECT_FALSE(other.recovered);
    });
}

TEST(ClusterRecovery, what_is_replayed_does_not_come_live_too) {
    Shelf log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& session = node.open();
        client.connect(session);
        node.drop(session);
        // Another node is ahead of this one: the event is in the log, and comes here later.
        node.adapter->away = true;
        node.emit("one");
        node.adapter->away = false;
        auto& back = node.open();
        client.connect(back);
        Target late = log.events.back()->target;
        late.offset = "1-";
        node.nsp.deliver(late, "one", {}, nullptr);
        node.emit("two");
        client.read(back);
        EXPECT_EQ(client.take(), (Texts{"one", "two"}));
    });
}

TEST(ClusterRecovery, is_refused_without_a_log) {
    World world;
    EXPECT_THROW(world.of("/").use_recovery(ClusterRecoveryOptions()), std::logic_error);
}

TEST(ClusterRecovery, those_who_said_goodbye_leave_nothing) {
    Shelf log;
    Node node(log);
    node.run([&] {
        Returning client;
        auto& session = node.open();
        client.connect(session);
        session.text("1");
        EXPECT_TRUE(log.sessions.empty());
    });
}

}  // namespace pulse::socketio
