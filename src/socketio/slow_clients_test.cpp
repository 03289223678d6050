// What becomes of events for a client that does not keep up: conflation, and the policies of a namespace.
#include <gtest/gtest.h>

#include "socketio/fake_session.hpp"

namespace pulse::socketio {
namespace {

using Texts = std::vector<std::string>;

// One client that keeps up, and one that does not.
struct Track {
    explicit Track(Options options = {}) : world(std::move(options)) {
        nsp.on_connection([this](Socket& socket) {
            sockets.push_back(&socket);
            socket.join("room");
        });
    }
    void run(const std::function<void()>& steps) {
        world.run([&] {
            quick = &world.join("/");
            slow = &world.join("/");
            slow->is_writable = false;
            steps();
        });
    }
    Stats& stats() { return world.shared->stats; }
    void position(std::string_view player, int at) {
        nsp.to("room").conflate(player).emit("at", Args({boost::json::string(player), at}));
    }
    World world;
    NamespaceImpl& nsp = world.of("/");
    std::vector<Socket*> sockets;
    FakeSession* quick = nullptr;
    FakeSession* slow = nullptr;
};

}  // namespace

TEST(Conflation, a_client_that_cannot_take_it_gets_the_newest_of_each_key) {
    Track track;
    track.run([&] {
        for (int i = 1; i <= 3; ++i) {
            track.position("a", i);
            track.position("b", i);
        }
        track.position("a", 4);
        EXPECT_EQ(track.quick->take().size(), 7u);
        EXPECT_TRUE(track.slow->take().empty());
        track.slow->become_writable();
        EXPECT_EQ(track.slow->take(), (Texts{R"(42["at","b",3])", R"(42["at","a",4])"}));
        EXPECT_EQ(track.stats().conflated, 5u);
        EXPECT_EQ(track.stats().packets_out[std::size_t(PacketType::event)], 7u + 2u);
        track.position("a", 5);
        EXPECT_EQ(track.slow->take(), (Texts{R"(42["at","a",5])"}));
        EXPECT_FALSE(track.slow->asked);
    });
}

TEST(Conflation, keys_of_other_rooms_and_other_names_without_a_key_are_others) {
    Track track;
    track.run([&] {
        track.sockets[1]->join("other");
        track.position("a", 1);
        track.nsp.to("other").conflate("a").emit("at", Args({"a", 2}));
        for (int i = 0; i < 2; ++i) {
            track.nsp.to("room").conflate().emit("x", {});
            track.nsp.to("room").conflate().emit("y", {});
            track.sockets[1]->emit("x", Args({i}), Delivery::newest);
        }
        track.slow->become_writable();
        EXPECT_EQ(track.slow->take(), (Texts{R"(42["at","a",1])", R"(42["at","a",2])", R"(42["x"])",
                                             R"(42["y"])", R"(42["x",1])"}));
    });
}

TEST(Conflation, nothing_overtakes_what_is_held) {
    Track track;
    track.run([&] {
        track.position("a", 1);
        track.nsp.to("room").emit("left", Args({"b"}));
        track.position("a", 2);
        Args binary;
        binary.json.push_back(binary.attach("bytes"));
        track.sockets[1]->emit("file", binary);
        track.nsp.to("room").volatile_().emit("dropped", {});
        bool answered = false;
        track.sockets[1]->emit_with_ack("ask", {}, std::chrono::seconds(1),
                                        [&](std::optional<Args> args) { answered = args.has_value(); });
        EXPECT_TRUE(track.slow->take().empty());
        track.slow->become_writable();
        EXPECT_EQ(track.slow->take(),
                  (Texts{R"(42["left","b"])", R"(42["at","a",2])",
                         R"(451-["file",{"_placeholder":true,"num":0}])", "bbytes", R"(420["ask"])"}));
        track.slow->text("30[]");
        EXPECT_TRUE(answered);
        EXPECT_EQ(track.stats().volatile_dropped, 1u);
    });
}

TEST(Conflation, sends_in_slices_so_that_the_rest_can_still_be_replaced) {
    Track track;
    track.run([&] {
        const std::string large(40 * 1024, 'x');
        for (const char* key : {"a", "b", "c"}) track.nsp.conflate(key).emit("e", Args({large}));
        track.slow->become_writable();
        EXPECT_EQ(track.slow->take().size(), 2u);
        EXPECT_TRUE(track.slow->asked);
        track.nsp.conflate("c").emit("e", Args({"newer"}));
        track.slow->become_writable();
        EXPECT_EQ(track.slow->take(), (Texts{R"(42["e","newer"])"}));
    });
}

TEST(Conflation, beyond_its_bounds_the_client_is_too_slow) {
    Options few;
    few.max_conflated_packets = 3;
    Track track(few);
    track.run([&] {
        for (int i = 0; i < 10; ++i) track.position("a", i);
        EXPECT_TRUE(track.slow->open());
        for (int i = 0; i < 3; ++i) track.position(std::to_string(i), i);
        EXPECT_FALSE(track.slow->open());
        EXPECT_TRUE(track.quick->open());
        EXPECT_EQ(track.stats().disconnects[std::size_t(DisconnectReason::too_slow)], 1u);
    });
    Options small;
    small.max_conflated_bytes = 100;
    Track narrow(small);
    narrow.run([&] {
        narrow.nsp.conflate("a").emit("e", Args({std::string(200, 'x')}));
        EXPECT_TRUE(narrow.slow->open());  // one alone may be larger
        narrow.nsp.conflate("b").emit("e", {});
        EXPECT_FALSE(narrow.slow->open());
    });
}

TEST(Conflation, disconnect_sends_what_is_held_first) {
    Track track;
    track.run([&] {
        track.position("a", 1);
        track.sockets[1]->disconnect();
        EXPECT_EQ(track.slow->take(), (Texts{R"(42["at","a",1])", "41"}));
        track.slow->become_writable();
        EXPECT_TRUE(track.slow->take().empty());
    });
}

TEST(Conflation, a_client_that_dies_of_what_was_held_harms_nobody) {
    Track track;
    track.run([&] {
        for (int i = 0; i < 5; ++i) track.position(std::to_string(i), i);
        track.slow->capacity = 2;
        track.slow->become_writable();
        EXPECT_FALSE(track.slow->open());
        EXPECT_EQ(track.nsp.size(), 1u);
    });
}

TEST(SlowClients, policy_drop_takes_events_for_volatile_but_never_acknowledgements) {
    Track track;
    track.nsp.slow_clients(SlowClients::drop(2));
    track.run([&] {
        track.sockets[1]->on("q", [](const Args&, const Ack& ack) { ack(); });
        track.nsp.emit("e", {});
        EXPECT_EQ(track.slow->take().size(), 1u);  // fewer than two wait
        track.slow->queued = 2;
        track.nsp.emit("e", {});
        track.sockets[1]->emit("e", {});
        track.slow->text(R"(27["q"])");
        EXPECT_EQ(track.slow->take(), Texts{"437[]"});
        EXPECT_EQ(track.stats().volatile_dropped, 2u);
    });
}

TEST(SlowClients, policy_conflate_keeps_the_newest_of_each_name) {
    Track track;
    track.nsp.slow_clients(SlowClients::conflate());
    track.run([&] {
        for (int i = 0; i < 3; ++i) track.nsp.emit("e", Args({i}));
        track.nsp.emit("f", {});
        track.slow->become_writable();
        EXPECT_EQ(track.slow->take(), (Texts{R"(42["e",2])", R"(42["f"])"}));
        EXPECT_EQ(track.quick->take().size(), 4u);
    });
}

TEST(SlowClients, policy_close_has_bounds_of_its_own) {
    Track track;
    track.nsp.slow_clients(SlowClients::close(3, 1000));
    track.run([&] {
        track.slow->queued = 2;
        track.nsp.emit("e", {});
        EXPECT_TRUE(track.slow->open());
        track.slow->queued = 3;
        track.nsp.emit("e", {});
        EXPECT_FALSE(track.slow->open());
        EXPECT_TRUE(track.quick->open());
    });
}

}  // namespace pulse::socketio
