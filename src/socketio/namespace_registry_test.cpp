#include "socketio/namespace_registry.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "socketio/fake_session.hpp"

namespace pulse::socketio {
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

struct Registry : testing::Test {
    void SetUp() override {
        world.of("/tenant-static");
        world.namespaces->add_pattern(
            [](std::string_view name, const auto&) { return name.starts_with("/tenant-"); },
            [this](Namespace& nsp) {
                made.push_back(nsp.name());
                if (configure) configure(nsp);
                nsp.on_connection([](Socket& socket) { socket.join("room"); });
            });
    }
    static Options options() {
        Options options;
        options.max_dynamic_namespaces = 2;
        options.max_namespaces_per_client = 3;
        return options;
    }
    bool there(std::string_view name) { return world.namespaces->find(name) != nullptr; }

    Texts made;
    std::function<void(Namespace&)> configure;
    World world{options()};
};

}  // namespace

TEST_F(Registry, a_name_that_matches_is_made_once_and_shared) {
    world.run([&] {
        auto& one = world.join("/tenant-1");
        auto& two = world.join("/tenant-1");
        EXPECT_EQ(made, Texts{"/tenant-1"});
        world.namespaces->find("/tenant-1")->emit("hello", {});
        EXPECT_EQ(one.take(), Texts{R"(42/tenant-1,["hello"])"});
        EXPECT_EQ(two.take(), Texts{R"(42/tenant-1,["hello"])"});
        EXPECT_EQ(world.namespaces->names(), (Texts{"/tenant-static", "/tenant-1"}));
    });
}

TEST_F(Registry, a_name_given_by_the_program_comes_before_any_pattern) {
    world.run([&] { world.join("/tenant-static"); });
    EXPECT_EQ(made, Texts{});
}

TEST_F(Registry, what_matches_nothing_is_an_invalid_namespace) {
    world.run([&] {
        auto& session = world.open();
        session.text("0/other,");
        EXPECT_EQ(session.take(), Texts{R"(44/other,{"message":"Invalid namespace"})"});
    });
}

TEST_F(Registry, an_empty_one_is_let_go_and_made_anew) {
    world.run([&] {
        auto& one = world.join("/tenant-1");
        auto& two = world.join("/tenant-1");
        one.text("1/tenant-1,");
        EXPECT_TRUE(there("/tenant-1"));
        two.end(engineio::CloseReason::transport_close);
        EXPECT_FALSE(there("/tenant-1"));
        // What was in flight for it is still no error.
        one.text(R"(2/tenant-1,["late"])");
        EXPECT_TRUE(one.open());
        one.text("0/tenant-1,");
        EXPECT_EQ(one.take().size(), 1u);
    });
    EXPECT_EQ(made, (Texts{"/tenant-1", "/tenant-1"}));
}

TEST_F(Registry, one_that_middleware_refuses_leaves_nothing_behind) {
    configure = [](Namespace& nsp) { nsp.use([](Socket&, Next next) { next.refuse({"no"}); }); };
    world.run([&] {
        auto& session = world.open();
        session.text("0/tenant-1,");
        EXPECT_EQ(session.take(), Texts{R"(44/tenant-1,{"message":"no"})"});
    });
    EXPECT_FALSE(there("/tenant-1"));
}

TEST_F(Registry, their_number_is_bounded_and_room_is_made_by_those_who_leave) {
    world.run([&] {
        auto& first = world.join("/tenant-1");
        world.join("/tenant-2");
        auto& session = world.open();
        session.text("0/tenant-3,");
        EXPECT_EQ(session.take(), Texts{R"(44/tenant-3,{"message":"Too many namespaces"})"});
        first.text("1/tenant-1,");
        session.text("0/tenant-3,");
        EXPECT_EQ(session.take()[0].substr(0, 13), "40/tenant-3,{");
    });
}

TEST_F(Registry, one_with_recovery_is_kept_while_somebody_may_come_back) {
    configure = [](Namespace& nsp) {
        LogRecoveryOptions recovery;
        recovery.max_disconnection = 10s;
        nsp.use_recovery(recovery);
    };
    world.run([&] {
        for (int i = 0; i < 3; ++i) world.join("/tenant-1").end(engineio::CloseReason::transport_close);
        world.pass(9s);
        world.join("/tenant-2").end(engineio::CloseReason::transport_close);
        EXPECT_TRUE(there("/tenant-1"));
        world.pass(2s);
        world.join("/tenant-2").end(engineio::CloseReason::transport_close);
        EXPECT_FALSE(there("/tenant-1"));
        EXPECT_TRUE(there("/tenant-2"));
        world.join("/tenant-3");
    });
}

TEST_F(Registry, one_with_recovery_that_let_nobody_in_is_not_kept) {
    configure = [](Namespace& nsp) {
        nsp.use_recovery(LogRecoveryOptions());
        nsp.use([](Socket&, Next next) { next.refuse({"no"}); });
    };
    world.run([&] {
        auto& session = world.open();
        for (int i = 0; i < 10; ++i) session.text("0/tenant-" + std::to_string(i) + ",");
        EXPECT_EQ(session.take().back(), R"(44/tenant-9,{"message":"no"})");
    });
    EXPECT_EQ(world.namespaces->names(), Texts{"/tenant-static"});
}

TEST_F(Registry, what_throws_costs_the_wish_only) {
    configure = [](Namespace&) { throw std::runtime_error("no"); };
    world.namespaces->add_pattern(
        [](std::string_view name, const auto&) -> bool {
            if (name == "/throws") throw std::runtime_error("no");
            return false;
        },
        [](Namespace&) {});
    world.run([&] {
        auto& session = world.open();
        session.text("0/tenant-1,");
        session.text("0/throws,");
        EXPECT_EQ(session.take(), (Texts{R"(44/tenant-1,{"message":"Invalid namespace"})",
                                         R"(44/throws,{"message":"Invalid namespace"})"}));
        EXPECT_TRUE(session.open());
    });
}

TEST_F(Registry, a_client_that_joins_and_leaves_endlessly_costs_no_more_memory) {
    world.run([&] {
        auto& session = world.open();
        for (int i = 0; i < 100; ++i) {
            const std::string name = "/tenant-" + std::to_string(i);
            session.text("0" + name + ",");
            session.text("1" + name + ",");
        }
        EXPECT_TRUE(session.open());
        EXPECT_EQ(world.namespaces->names(), Texts{"/tenant-static"});
        // Of the last three it is remembered that they were left; what came so late for others is an error.
        session.text(R"(2/tenant-98,["late"])");
        EXPECT_TRUE(session.open());
        session.text(R"(2/tenant-3,["late"])");
        EXPECT_FALSE(session.open());
    });
}

TEST_F(Registry, sockets_of_all_shards_come_and_go_at_once) {
    World many(options(), 3);
    many.namespaces->add_pattern([](std::string_view, const auto&) { return true; }, [](Namespace&) {});
    many.pool.run_on_each([&](net::Shard& shard) {
        FakeSession session(shard);
        auto client = std::make_shared<Client>(*many.shared, *many.namespaces, session);
        client->start();
        session.listener = std::make_unique<ClientListener>(std::move(client));
        for (int i = 0; i < 500; ++i) {
            session.text("0/a,");
            session.text("1/a,");
        }
        EXPECT_EQ(session.take().size(), 500u);
        session.end(engineio::CloseReason::transport_close);
    });
    EXPECT_EQ(many.namespaces->find("/a"), nullptr);
}

TEST(RoomEvents, are_told_in_order) {
    World world;
    Texts notes;
    const auto note = [&](const char* what) {
        return [&notes, what](std::string_view room) {
            if (room.size() != 20) notes.push_back(what + (" " + std::string(room)));
        };
    };
    const auto note_with_socket = [&](const char* what) {
        return [&notes, what](std::string_view room, Socket& socket) {
            notes.push_back(what + (" " + (room == socket.id() ? std::string("own") : std::string(room))));
        };
    };
    world.of("/").on_rooms(
        {note("created"), note("deleted"), note_with_socket("joined"), note_with_socket("left")});
    world.of("/").on_connection([](Socket& socket) {
        socket.join("a");
        socket.join("a");
        socket.leave("b");
    });
    world.run([&] {
        auto& one = world.join("/");
        auto& two = world.join("/");
        EXPECT_EQ(notes, (Texts{"joined own", "joined a", "joined own", "joined a"}));
        one.text("1");
        two.text("1");
    });
    world.run([] {});  // what was posted has run
    EXPECT_EQ(notes, (Texts{"joined own", "joined a", "joined own", "joined a", "left own", "left a",
                            "left own", "left a", "created a", "deleted a"}));
}

TEST(RoomEvents, whatever_their_handlers_do_costs_the_connection_only) {
    for (const bool throws : {true, false}) {
        World world;
        world.of("/").on_rooms({.joined =
                                    [throws](std::string_view, Socket& socket) {
                                        if (throws) throw std::runtime_error("unknown room");
                                        socket.disconnect(true);
                                    },
                                .left = [](std::string_view, Socket&) { throw std::runtime_error("no"); }});
        world.of("/refusing").use([](Socket& socket, Next next) {
            socket.join("a");
            next.refuse({"no"});
        });
        world.of("/refusing").on_rooms({.left = [](std::string_view, Socket&) {
            throw std::runtime_error("no");
        }});
        world.run([&] {
            auto& session = world.open();
            session.text("0");
            EXPECT_EQ(session.take()[0].substr(0, 3), "40{");
            EXPECT_FALSE(session.open());
            auto& other = world.open();
            other.text("0/refusing,");
            EXPECT_EQ(other.take(), Texts{R"(44/refusing,{"message":"no"})"});
            EXPECT_EQ(world.shared->stats.connected, 0u);
        });
    }
}

TEST(RoomEvents, nothing_leaves_before_the_answer_to_connect) {
    World world;
    world.of("/").on_rooms(
        {.joined = [](std::string_view, Socket& socket) { socket.nsp().emit("somebody", {}); }});
    world.run([&] {
        auto& session = world.open();
        session.text("0");
        const auto sent = session.take();
        ASSERT_EQ(sent.size(), 2u);
        EXPECT_EQ(sent[0].substr(0, 3), "40{");
        EXPECT_EQ(sent[1], R"(42["somebody"])");
    });
}

}  // namespace pulse::socketio
