#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <map>
#include <set>

#include "socketio/fake_session.hpp"

namespace pulse::socketio {
namespace json = boost::json;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

// Sockets that join and leave rooms by command of the test; the newest is remembered.
struct Hall {
    World world;
    NamespaceImpl& nsp = world.of("/");
    std::vector<Socket*> sockets;
    Hall() {
        nsp.on_connection([this](Socket& socket) { sockets.push_back(&socket); });
    }
};

}  // namespace

TEST(Broadcast, reaches_the_union_of_rooms_without_the_excepted_each_once) {
    Hall hall;
    hall.world.run([&] {
        auto& a = hall.world.join("/");
        auto& b = hall.world.join("/");
        auto& c = hall.world.join("/");
        hall.sockets[0]->join("x");
        hall.sockets[0]->join("y");
        hall.sockets[1]->join("y");
        hall.sockets[2]->join("y");
        hall.sockets[2]->join("z");
        hall.nsp.to("x").to("y").except("z").emit("e", {});
        EXPECT_EQ(a.take(), Texts{R"(42["e"])"});
        EXPECT_EQ(b.take(), Texts{R"(42["e"])"});
        EXPECT_TRUE(c.take().empty());
        hall.sockets[0]->broadcast().emit("f", {});
        EXPECT_TRUE(a.take().empty());
        EXPECT_EQ(b.take().size() + c.take().size(), 2u);
        hall.nsp.to(hall.sockets[1]->id()).emit("private", {});
        EXPECT_EQ(b.take(), Texts{R"(42["private"])"});
        EXPECT_TRUE(a.take().empty());
        const auto& out = hall.world.shared->stats.packets_out;
        EXPECT_EQ(out[std::size_t(PacketType::connect)], 3u);
        EXPECT_EQ(out[std::size_t(PacketType::event)], 2u + 2u + 1u);
    });
}

TEST(Broadcast, binary_follows_its_text_at_once) {
    Hall hall;
    hall.world.run([&] {
        auto& a = hall.world.join("/");
        Args args;
        args.json.push_back(args.attach("\x01\x02"));
        hall.nsp.emit("e", args);
        EXPECT_EQ(a.take(), (Texts{R"(451-["e",{"_placeholder":true,"num":0}])", "b\x01\x02"}));
    });
}

TEST(Broadcast, volatile_packets_are_dropped_where_they_cannot_leave_at_once) {
    Hall hall;
    hall.world.run([&] {
        auto& a = hall.world.join("/");
        auto& b = hall.world.join("/");
        b.is_writable = false;
        BroadcastOperator(hall.nsp).volatile_().emit("e", {});
        hall.sockets[1]->emit("e", {}, Delivery::may_drop);
        EXPECT_EQ(a.take().size(), 1u);
        EXPECT_TRUE(b.take().empty());
        EXPECT_EQ(hall.world.shared->stats.volatile_dropped, 2u);
    });
}

TEST(Broadcast, survives_recipients_that_are_closed_by_it) {
    Hall hall;
    hall.nsp.on_connection([&](Socket& socket) {
        socket.join("room");
        socket.on_disconnect([&](DisconnectReason) { hall.nsp.to("room").emit("nested", {}); });
    });
    hall.world.run([&] {
        for (int i = 0; i < 8; ++i) hall.world.join("/").capacity = i % 2 ? 100 : 0;
        hall.nsp.to("room").emit("e", {});
        EXPECT_EQ(hall.nsp.size(), 4u);
        for (int i = 1; i < 8; i += 2) {
            const auto sent = hall.world.sessions[std::size_t(i)]->take();
            EXPECT_EQ(std::count(sent.begin(), sent.end(), R"(42["e"])"), 1);
        }
    });
}

TEST(Broadcast, operators_move_and_disconnect_whom_they_name) {
    Hall hall;
    hall.world.run([&] {
        auto& a = hall.world.join("/");
        auto& b = hall.world.join("/");
        hall.sockets[0]->join("x");
        hall.nsp.to("x").sockets_join("y");
        EXPECT_TRUE(hall.nsp.has_members("y"));
        hall.nsp.to("y").sockets_leave("x");
        EXPECT_FALSE(hall.nsp.has_members("x"));
        hall.nsp.to("y").disconnect_sockets();
        EXPECT_EQ(a.take(), Texts{"41"});
        EXPECT_TRUE(a.open());
        int visited = 0;
        hall.nsp.for_each("", [&](Socket& socket) {
            ++visited;
            socket.disconnect(true);
        });
        EXPECT_EQ(visited, 1);
        EXPECT_FALSE(b.open());
    });
}

TEST(Broadcast, answers_are_gathered_until_all_came_or_time_is_up) {
    Hall hall;
    hall.world.run([&] {
        auto& a = hall.world.join("/");
        auto& b = hall.world.join("/");
        hall.world.join("/");
        std::optional<std::size_t> asked;
        std::size_t answers = 0;
        const auto done = [&](std::vector<Args> got, std::size_t n) {
            answers = got.size();
            asked = n;
        };
        BroadcastOperator(hall.nsp).emit_with_ack("q", {}, 1s, done);
        EXPECT_EQ(a.take(), Texts{R"(420["q"])"});
        EXPECT_EQ(b.take(), Texts{R"(420["q"])"});
        a.text("30[1]");
        b.end(engineio::CloseReason::transport_close);
        EXPECT_FALSE(asked);
        hall.world.pass(2s);
        EXPECT_EQ(asked, 3u);
        EXPECT_EQ(answers, 1u);
        asked.reset();
        hall.nsp.to("nobody").emit_with_ack("q", {}, 1s, done);
        EXPECT_EQ(asked, 0u);
    });
}

// The socket that got no question was waited for until time was up.
TEST(Broadcast, an_answer_is_not_awaited_from_a_socket_that_was_sent_nothing) {
    Hall hall;
    hall.world.run([&] {
        auto& a = hall.world.join("/");
        auto& b = hall.world.join("/");
        b.is_writable = false;
        std::optional<std::size_t> asked;
        std::size_t answers = 0;
        BroadcastOperator(hall.nsp).volatile_().emit_with_ack("q", {}, 1h,
                                                              [&](std::vector<Args> got, auto n) {
                                                                  answers = got.size();
                                                                  asked = n;
                                                              });
        EXPECT_TRUE(b.take().empty());
        EXPECT_FALSE(asked);
        a.text("30[1]");
        EXPECT_EQ(asked, 2u);
        EXPECT_EQ(answers, 1u);
        b.text("30[1]");  // to what it was never asked
        EXPECT_TRUE(b.open());
    });
}

// What is no std::exception went on into the loop, which ended the process.
TEST(Broadcast, whatever_its_callback_throws_is_nobody_elses_trouble) {
    Hall hall;
    hall.world.run([&] {
        auto& a = hall.world.join("/");
        int called = 0;
        const auto done = [&](std::vector<Args>, std::size_t) {
            ++called;
            throw 1;
        };
        hall.nsp.to("nobody").emit_with_ack("q", {}, 1s, done);
        BroadcastOperator(hall.nsp).emit_with_ack("q", {}, 1s, done);
        a.text("31[1]");
        EXPECT_EQ(called, 2);
        EXPECT_TRUE(a.open());
    });
}

TEST(Broadcast, rooms_of_one_socket_are_bounded) {
    Options options;
    options.max_rooms_per_socket = 3;
    World world(options);
    world.of("/").on_connection([](Socket& socket) {
        for (const char* room : {"a", "b", "c", "d"}) socket.join(room);
        EXPECT_EQ(socket.rooms().size(), 3u);  // its own, a and b
    });
    world.run([&] { world.join("/"); });
}

RC_GTEST_PROP(BroadcastProperty, everybody_gets_what_plain_sets_say, ()) {
    struct Model {
        std::set<std::string> rooms;
        std::vector<std::string> want;
        bool here = true;
    };
    Hall hall;
    std::vector<Model> model;
    const auto steps = *rc::gen::container<std::vector<unsigned>>(rc::gen::arbitrary<unsigned>());
    hall.world.run([&] {
        int sent = 0;
        for (const unsigned n : steps) {
            const std::size_t who = model.empty() ? 0 : (n >> 4) % model.size();
            const std::string room(1, char('a' + (n >> 8) % 3));
            const std::string other(1, char('a' + (n >> 10) % 3));
            const std::string event = "e" + std::to_string(sent++);
            const bool there = !model.empty() && model[who].here;
            const auto expect = [&](auto&& chosen) {
                for (auto& m : model) {
                    if (m.here && chosen(m)) m.want.push_back("42[\"" + event + "\"]");
                }
            };
            switch (n % 9) {
                case 0:
                    hall.world.join("/");
                    model.emplace_back();
                    break;
                case 1:
                case 2:
                    if (!there) break;
                    hall.sockets[who]->join(room);
                    model[who].rooms.insert(room);
                    break;
                case 3:
                    if (!there) break;
                    hall.sockets[who]->leave(room);
                    model[who].rooms.erase(room);
                    break;
                case 4:
                    if (!there) break;
                    hall.world.sessions[who]->text("1");
                    model[who].here = false;
                    break;
                case 5:
                    hall.nsp.to(room).emit(event, {});
                    expect([&](Model& m) { return m.rooms.contains(room); });
                    break;
                case 6:
                    hall.nsp.to(room).to(other).emit(event, {});
                    expect([&](Model& m) { return m.rooms.contains(room) || m.rooms.contains(other); });
                    break;
                case 7:
                    hall.nsp.except(room).emit(event, {});
                    expect([&](Model& m) { return !m.rooms.contains(room); });
                    break;
                case 8:
                    if (!there) break;
                    hall.sockets[who]->broadcast().to(room).except(other).emit(event, {});
                    expect([&](Model& m) {
                        return &m != &model[who] && m.rooms.contains(room) && !m.rooms.contains(other);
                    });
                    break;
            }
            for (const std::string name : {"a", "b", "c"}) {
                const bool anybody = std::any_of(model.begin(), model.end(), [&](const Model& m) {
                    return m.here && m.rooms.contains(name);
                });
                RC_ASSERT(hall.nsp.has_members(name) == anybody);
            }
        }
        for (std::size_t i = 0; i < model.size(); ++i) {
            RC_ASSERT(hall.world.sessions[i]->sent == model[i].want);
        }
    });
}

TEST(BroadcastThreads, each_socket_of_each_shard_hears_one_thread_in_its_order) {
    constexpr int shards = 3, per_shard = 20, events = 200;
    World world({}, shards);
    auto& nsp = world.of("/");
    nsp.on_connection([](Socket& socket) { socket.join("room"); });
    for (net::ShardId shard = 0; shard < shards; ++shard) {
        world.pool.run_on_each([&](net::Shard& here) {
            if (here.id() != shard) return;
            for (int i = 0; i < per_shard; ++i) world.join("/", shard);
        });
    }
    EXPECT_EQ(nsp.size(), std::size_t(shards * per_shard));

    // Some come and go on their shards, while a thread and a shard emit.
    std::thread emitter([&] {
        for (int i = 0; i < events; ++i) nsp.to("room").emit("t", Args({json::value(i)}));
    });
    world.pool[0].post([&] {
        for (int i = 0; i < events; ++i) nsp.emit("s", Args({json::value(i)}));
    });
    world.pool[1].post([&] {
        for (auto& session : world.sessions) {
            if (session->home().id() == 1) {
                session->text("1");
                session->text("0");
            }
        }
    });
    emitter.join();
    world.pool.run_on_each([](net::Shard&) {});  // what shard 0 posted
    world.pool.run_on_each([](net::Shard&) {});
    for (const auto& session : world.sessions) {
        int next_t = -1, next_s = -1, heard = 0;
        for (const auto& text : session->sent) {
            if (text.substr(0, 3) != "42[") continue;
            const auto packet = json::parse(text.substr(2)).as_array();
            int& next = packet[0] == "t" ? next_t : next_s;
            const int number = int(packet[1].as_int64());
            EXPECT_TRUE(next == -1 || session->home().id() == 1 || number == next);
            EXPECT_TRUE(next == -1 || number >= next);
            next = number + 1;
            ++heard;
        }
        if (session->home().id() != 1) EXPECT_EQ(heard, 2 * events);
    }
}

TEST(BroadcastThreads, answers_come_together_from_all_shards) {
    World world({}, 3);
    auto& nsp = world.of("/");
    for (net::ShardId shard = 0; shard < 3; ++shard) {
        world.pool.run_on_each([&](net::Shard& here) {
            if (here.id() == shard) world.join("/", shard);
        });
    }
    std::atomic<std::size_t> answers{0};
    std::atomic<std::size_t> asked{0};
    BroadcastOperator(nsp).emit_with_ack("q", {}, 10s, [&](std::vector<Args> got, std::size_t n) {
        answers = got.size();
        asked = n;
    });
    world.pool.run_on_each([&](net::Shard& here) { world.sessions[here.id()]->text("30[1]"); });
    EXPECT_EQ(asked, 3u);
    EXPECT_EQ(answers, 3u);
}

}  // namespace pulse::socketio
