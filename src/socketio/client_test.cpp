#include "socketio/client.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <stdexcept>

#include "socketio/fake_session.hpp"

namespace pulse::socketio {
namespace json = boost::json;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

Args args_of(std::string_view text) {
    return Args(json::parse(json::string_view(text.data(), text.size())).as_array());
}

// Records how the sockets of a namespace left.
std::shared_ptr<Texts> record_leaving(Namespace& nsp) {
    auto reasons = std::make_shared<Texts>();
    nsp.on_connection([reasons](Socket& socket) {
        socket.on_disconnect(
            [reasons](DisconnectReason reason) { reasons->emplace_back(to_string(reason)); });
    });
    return reasons;
}

std::string sid_in(const std::string& connect_packet) {
    const auto brace = connect_packet.find('{');
    return json::value_to<std::string>(json::parse(connect_packet.substr(brace)).at("sid"));
}

}  // namespace

TEST(Client, connecting_is_answered_with_a_fresh_id_before_any_event) {
    World world;
    world.of("/").on_connection(
        [](Socket& socket) { socket.emit("auth", Args({json::value(socket.handshake().auth)})); });
    world.of("/custom").on_connection([](Socket& socket) { socket.emit("hello", {}); });
    world.run([&] {
        auto& session = world.open();
        session.text(R"(0{"token":"123"})");
        auto sent = session.take();
        ASSERT_EQ(sent.size(), 2u);
        const std::string id = sid_in(sent[0]);
        EXPECT_EQ(id.size(), 20u);
        EXPECT_NE(id, session.sid());
        EXPECT_EQ(sent[0], "40{\"sid\":\"" + id + "\"}");
        EXPECT_EQ(sent[1], R"(42["auth",{"token":"123"}])");
        session.text("0/custom");
        sent = session.take();
        ASSERT_EQ(sent.size(), 2u);
        EXPECT_EQ(sent[0].substr(0, 10), "40/custom,");
        EXPECT_NE(sid_in(sent[0]), id);
        EXPECT_EQ(sent[1], R"(42/custom,["hello"])");
        EXPECT_EQ(world.shared->stats.connected, 2u);
    });
}

TEST(Client, an_unknown_namespace_is_refused_and_the_connection_stays) {
    World world;
    world.of("/");
    world.run([&] {
        auto& session = world.open();
        session.text("0/random");
        EXPECT_EQ(session.take(), (Texts{R"(44/random,{"message":"Invalid namespace"})"}));
        session.text("0");
        EXPECT_EQ(session.take().size(), 1u);
        EXPECT_EQ(world.shared->stats.refused, 1u);
    });
}

TEST(Client, namespaces_of_one_client_are_bounded) {
    Options options;
    options.max_namespaces_per_client = 2;
    World world(options);
    for (const auto* name : {"/", "/a", "/b"}) world.of(name);
    world.run([&] {
        auto& session = world.open();
        for (const auto* packet : {"0", "0/a,", "0/b,"}) session.text(packet);
        const auto got = session.take();
        ASSERT_EQ(got.size(), 3u);
        EXPECT_EQ(got[2], R"(44/b,{"message":"Too many namespaces"})");
        session.text("1/a,");
        session.text("0/b,");
        EXPECT_EQ(session.take().at(0).substr(0, 5), "40/b,");
    });
}

TEST(Client, a_connection_that_joins_nothing_is_closed_in_time) {
    Options options;
    options.connect_timeout = 10s;
    World world(options);
    world.of("/");
    world.run([&] {
        auto& silent = world.open();
        auto& joined = world.join("/");
        auto& joined_and_left = world.join("/");
        joined_and_left.text("1");
        world.pass(9s);
        EXPECT_TRUE(silent.open());
        world.pass(2s);
        EXPECT_FALSE(silent.open());
        EXPECT_TRUE(joined.open());
        EXPECT_TRUE(joined_and_left.open());
    });
}

TEST(Client, middleware_runs_in_order_and_may_refuse_with_data) {
    World world;
    auto& nsp = world.of("/");
    Texts order;
    nsp.use([&](Socket&, Next next) {
        order.push_back("first");
        next();
    });
    nsp.use([&](Socket& socket, Next next) {
        order.push_back("second");
        if (socket.handshake().query("token") == "q" && !socket.handshake().auth.contains("ok")) {
            next.refuse({"not you", json::value{{"code", 7}}});
        } else {
            next();
        }
    });
    nsp.on_connection([&](Socket&) { order.push_back("connected"); });
    world.run([&] {
        auto& session = world.open();
        session.text("0");
        EXPECT_EQ(session.take(), (Texts{R"(44{"message":"not you","data":{"code":7}})"}));
        session.text(R"(0{"ok":1})");
        EXPECT_EQ(session.take().size(), 1u);
        EXPECT_EQ(order, (Texts{"first", "second", "first", "second", "connected"}));
    });
}

TEST(Client, middleware_may_decide_later_on_another_thread) {
    World world;
    std::vector<Next> waiting;
    world.of("/").use([&](Socket&, Next next) { waiting.push_back(std::move(next)); });
    world.run([&] {
        world.open().text("0");
        world.open().text("0");
        world.open().text("0");
    });
    std::thread([&] {
        waiting[0]();
        waiting[1].refuse({"no"});
        waiting[2] = Next();  // dropped
    }).join();
    world.run([&] {
        EXPECT_EQ(world.sessions[0]->take().at(0).substr(0, 3), "40{");
        EXPECT_EQ(world.sessions[1]->take(), (Texts{R"(44{"message":"no"})"}));
        EXPECT_EQ(world.sessions[2]->take(), (Texts{R"(44{"message":"Connection refused"})"}));
    });
}

TEST(Client, a_decision_about_somebody_who_left_changes_nothing) {
    World world;
    std::vector<Next> waiting;
    auto& nsp = world.of("/");
    nsp.use([&](Socket& socket, Next next) {
        socket.join("early");
        waiting.push_back(std::move(next));
    });
    world.run([&] {
        auto& session = world.open();
        session.text("0");
        EXPECT_TRUE(nsp.has_members("early"));
        session.end(engineio::CloseReason::transport_close);
        EXPECT_FALSE(nsp.has_members("early"));
        waiting[0]();
        EXPECT_TRUE(session.sent.empty());
        EXPECT_EQ(world.shared->stats.connects, 0u);
    });
}

TEST(Client, a_second_connect_closes_also_while_middleware_runs) {
    World world;
    Next waiting;
    world.of("/");
    world.of("/slow").use([&](Socket&, Next next) { waiting = std::move(next); });
    world.run([&] {
        auto& joined = world.join("/");
        joined.text("0");
        EXPECT_FALSE(joined.open());
        auto& joining = world.open();
        joining.text("0/slow");
        joining.text("0/slow");
        EXPECT_FALSE(joining.open());
        waiting();
        EXPECT_TRUE(joining.sent.empty());
    });
}

TEST(Client, nothing_reaches_a_socket_before_its_connect_was_answered) {
    World world;
    Next waiting;
    auto& nsp = world.of("/");
    nsp.use([&](Socket& socket, Next next) {
        socket.join("room");
        socket.emit("too early", {});
        waiting = std::move(next);
    });
    world.run([&] {
        auto& session = world.open();
        session.text("0");
        nsp.to("room").emit("news", {});
        EXPECT_TRUE(session.take().empty());
        waiting();
        nsp.to("room").emit("news", {});
        EXPECT_EQ(session.take().at(1), R"(42["news"])");
    });
}

TEST(Client, what_the_protocol_forbids_closes_the_connection_and_is_counted) {
    struct Case {
        Texts wire;
        std::string reason;
    };
    const Case cases[] = {
        {{"abc"}, "forced close"},
        {{""}, "forced close"},
        {{"2{}"}, "forced close"},
        {{"2"}, "forced close"},
        {{R"(2abc["m"])"}, "forced close"},
        {{R"(2["disconnect"])"}, "forced close"},
        {{R"(51-["m",{"_placeholder":true,"num":0}])", "2[\"m\"]"}, "forced close"},
        {{R"(511-["m"])"}, "forced close"},
        {{"b"}, "forced close"},
        {{R"(2/other,["m"])"}, "forced server close"},
        {{"1/other"}, "forced server close"},
        {{"3/other,1[]"}, "forced server close"},
        {{R"(4{"message":"m"})"}, "forced server close"},
        {{"0"}, "forced server close"},
        {{"0/private", R"(2/private,["m"])"}, "forced server close"},
    };
    World world;
    const auto reasons = record_leaving(world.of("/"));
    world.of("/other");
    world.of("/private").use([](Socket&, Next next) { next.refuse({"no"}); });
    std::uint64_t invalid = 0;
    for (const auto& c : cases) {
        world.run([&] {
            reasons->clear();
            auto& session = world.join("/");
            for (const auto& message : c.wire) {
                if (message == "b") {
                    session.binary("bytes");
                } else {
                    session.text(message);
                }
            }
            EXPECT_FALSE(session.open()) << c.wire[0];
            EXPECT_EQ(*reasons, Texts{c.reason}) << c.wire[0];
            EXPECT_EQ(world.shared->stats.invalid_packets, ++invalid) << c.wire[0];
        });
    }
}

TEST(Client, what_is_in_flight_when_a_namespace_is_left_is_dropped) {
    World world;
    Texts heard;
    world.of("/").on_connection(
        [&](Socket& socket) { socket.on("m", [&](const Args&, Ack) { heard.push_back("m"); }); });
    world.of("/kick").on_connection([](Socket& socket) { socket.disconnect(); });
    world.run([&] {
        auto& session = world.join("/");
        session.text("0/kick");
        EXPECT_EQ(session.take().at(1), "41/kick,");
        session.text(R"(2/kick,["m"])");
        session.text(R"(51-/kick,["m",{"_placeholder":true,"num":0}])");
        session.binary("x");
        session.text("3/kick,5[]");
        session.text("1/kick,");
        session.text(R"(2["m"])");
        EXPECT_TRUE(session.open());
        EXPECT_EQ(heard, Texts{"m"});
    });
}

TEST(Client, events_and_acknowledgements_go_both_ways) {
    World world;
    world.of("/").on_connection([](Socket& socket) {
        socket.on("message", [&socket](const Args& args, Ack) { socket.emit("message-back", args); });
        socket.on("message-with-ack", [](const Args& args, Ack ack) {
            ack(args);
            ack(args);  // ignored
        });
        socket.on("7", [&socket](const Args& args, Ack ack) {
            EXPECT_FALSE(ack);
            socket.emit("seven", args);
        });
    });
    world.run([&] {
        auto& session = world.join("/");
        session.text(R"(2["message",1,"2",{"3":[true]}])");
        session.text(R"(2456["message-with-ack",1])");
        session.text("2[7,1]");
        EXPECT_EQ(session.take(),
                  (Texts{R"(42["message-back",1,"2",{"3":[true]}])", "43456[1]", R"(42["seven",1])"}));
        session.text(R"(52-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
        session.binary("abc");
        session.binary("def");
        session.text(R"(51-789["message-with-ack",{"_placeholder":true,"num":0}])");
        session.binary("ghi");
        EXPECT_EQ(
            session.take(),
            (Texts{R"(452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
                   "babc", "bdef", R"(461-789[{"_placeholder":true,"num":0}])", "bghi"}));
        session.text(R"(50-["message"])");
        EXPECT_EQ(session.take(), Texts{R"(42["message-back"])"});
    });
}

TEST(Client, an_acknowledgement_may_be_given_later_from_another_thread) {
    World world;
    Ack kept;
    world.of("/").on_connection(
        [&](Socket& socket) { socket.on("ask", [&](const Args&, Ack ack) { kept = std::move(ack); }); });
    world.run([&] { world.join("/").text(R"(21["ask"])"); });
    std::thread([&] { kept(args_of("[true]")); }).join();
    world.run([&] {
        EXPECT_EQ(world.sessions[0]->take(), Texts{"431[true]"});
        world.sessions[0]->text(R"(22["ask"])");
        world.sessions[0]->end(engineio::CloseReason::transport_close);
        kept({});
        EXPECT_TRUE(world.sessions[0]->sent.empty());
    });
}

TEST(Client, an_awaited_acknowledgement_comes_in_time_or_never) {
    World world;
    Socket* socket = nullptr;
    auto& nsp = world.of("/");
    nsp.on_connection([&](Socket& connected) { socket = &connected; });
    Texts answers;
    const auto note = [&](std::optional<Args> answer) {
        answers.push_back(answer ? std::string(answer->json.at(0).as_string()) : "none");
    };
    world.run([&] {
        auto& session = world.join("/");
        socket->emit_with_ack("a", {}, 1s, note);
        socket->emit_with_ack("b", {}, 5s, note);
        socket->emit_with_ack("c", {}, 9s, note);
        EXPECT_EQ(session.take(), (Texts{R"(420["a"])", R"(421["b"])", R"(422["c"])"}));
        session.text(R"(31["for b"])");
        session.text(R"(31["again"])");
        session.text(R"(399["unknown"])");
        EXPECT_EQ(answers, Texts{"for b"});
        world.pass(2s);
        EXPECT_EQ(answers, (Texts{"for b", "none"}));
        session.text(R"(30["late"])");
        session.end(engineio::CloseReason::transport_close);
        EXPECT_EQ(answers, (Texts{"for b", "none", "none"}));
    });
}

TEST(Client, awaited_acknowledgements_are_bounded) {
    Options options;
    options.max_pending_acks = 1;
    World world(options);
    int refused = 0;
    world.of("/").on_connection([&](Socket& socket) {
        socket.emit_with_ack("a", {}, 1s, [](auto) {});
        socket.emit_with_ack("b", {}, 1s, [&](std::optional<Args> answer) { refused += !answer; });
        EXPECT_EQ(refused, 1);
    });
    world.run([&] {
        auto& session = world.open();
        session.text("0");
        EXPECT_EQ(session.take().size(), 2u);
    });
}

TEST(Client, every_way_to_leave_has_its_reason) {
    World world;
    const auto reasons = record_leaving(world.of("/"));
    Socket* last = nullptr;
    world.of("/").on_connection([&](Socket& socket) { last = &socket; });
    world.run([&] {
        using engineio::CloseReason;
        for (const auto reason :
             {CloseReason::transport_close, CloseReason::transport_error, CloseReason::ping_timeout,
              CloseReason::parse_error, CloseReason::forced_close, CloseReason::server_shutting_down,
              CloseReason::too_slow}) {
            world.join("/").end(reason);
        }
        auto& left = world.join("/");
        left.text("1");
        EXPECT_TRUE(left.take().empty());
        EXPECT_TRUE(left.open());
        auto& kicked = world.join("/");
        last->disconnect();
        EXPECT_EQ(kicked.take(), Texts{"41"});
        EXPECT_TRUE(kicked.open());
        auto& thrown_out = world.join("/");
        last->disconnect(true);
        EXPECT_EQ(thrown_out.take(), Texts{"41"});
        EXPECT_FALSE(thrown_out.open());
        auto& sent_back = world.join("/");
        last->close_connection();
        EXPECT_TRUE(sent_back.take().empty());
        EXPECT_FALSE(sent_back.open());
    });
    EXPECT_EQ(*reasons,
              (Texts{"transport close", "transport error", "ping timeout", "parse error", "forced close",
                     "server shutting down", "too slow", "client namespace disconnect",
                     "server namespace disconnect", "server namespace disconnect", "forced server close"}));
    EXPECT_EQ(world.shared->stats.connected, 0u);
    EXPECT_EQ(world.of("/").size(), 0u);
}

TEST(Client, a_namespace_left_may_be_joined_again) {
    World world;
    world.of("/");
    world.run([&] {
        auto& session = world.join("/");
        session.text("1");
        session.text("0");
        EXPECT_EQ(session.take().size(), 1u);
        EXPECT_EQ(world.of("/").size(), 1u);
    });
}

TEST(Client, disconnecting_everything_says_so_on_every_namespace) {
    World world;
    Socket* last = nullptr;
    for (const char* name : {"/", "/a"}) {
        world.of(name).on_connection([&](Socket& socket) { last = &socket; });
    }
    world.run([&] {
        auto& session = world.join("/");
        session.text("0/a");
        session.take();
        last->disconnect(true);
        EXPECT_EQ(session.take(), (Texts{"41", "41/a,"}));
        EXPECT_FALSE(session.open());
    });
}

TEST(Client, handlers_may_do_anything_to_their_own_socket) {
    World world;
    auto& nsp = world.of("/");
    Texts heard;
    nsp.on_connection([&](Socket& socket) {
        socket.join("room");
        socket.on_any([&](std::string_view event, const Args&, Ack) { heard.emplace_back(event); });
        socket.on("leave", [&](const Args&, Ack ack) {
            socket.disconnect();
            socket.emit("unheard", {});
            socket.join("room");
            socket.disconnect(true);
            ack();
        });
        socket.on("leave", [&](const Args&, Ack) { heard.push_back("second handler after leaving"); });
        socket.on("grow", [&](const Args&, Ack) {
            socket.on("grow", [&](const Args&, Ack) { heard.push_back("grown"); });
        });
        socket.on("close", [&](const Args&, Ack) { socket.close_connection(); });
        socket.on_disconnect([&](DisconnectReason) {
            EXPECT_FALSE(socket.connected());
            EXPECT_TRUE(socket.rooms().empty());
            EXPECT_EQ(socket.handshake().query("token"), "q");
            socket.emit("unheard", {});
            socket.broadcast().emit("somebody left", {});
            nsp.emit("somebody left", {});
            socket.disconnect(true);
            socket.close_connection();
        });
    });
    world.run([&] {
        auto& witness = world.join("/");
        auto& leaver = world.join("/");
        leaver.text(R"(25["leave"])");
        EXPECT_EQ(leaver.take(), Texts{"41"});
        EXPECT_EQ(witness.take(), (Texts{R"(42["somebody left"])", R"(42["somebody left"])"}));
        auto& closer = world.join("/");
        closer.text(R"(2["close"])");
        EXPECT_FALSE(closer.open());
        witness.text(R"(2["grow"])");
        witness.text(R"(2["grow"])");
        EXPECT_EQ(heard, (Texts{"leave", "close", "grow", "grow", "grown"}));
        EXPECT_FALSE(nsp.size() == 0);
    });
}

TEST(Client, a_handler_that_throws_costs_its_connection_only) {
    World world;
    auto& nsp = world.of("/");
    nsp.on_connection([](Socket& socket) {
        socket.on("throw", [](const Args&, Ack) { throw std::runtime_error("a bug"); });
        socket.on("reserved", [&](const Args&, Ack) { socket.emit("connect", {}); });
        socket.on("eleven", [&](const Args&, Ack ack) {
            Args args;
            for (int i = 0; i < 11; ++i) args.json.push_back(args.attach("x"));
            ack(args);
        });
        socket.on_disconnect([](DisconnectReason) { throw 7; });
    });
    world.of("/middleware").use([](Socket&, Next) { throw std::runtime_error("a bug"); });
    world.of("/connection").on_connection([](Socket&) { throw std::runtime_error("a bug"); });
    world.run([&] {
        auto& bystander = world.join("/");
        for (const char* event : {R"(2["throw"])", R"(2["reserved"])", R"(21["eleven"])"}) {
            auto& session = world.join("/");
            session.text(event);
            EXPECT_FALSE(session.open()) << event;
        }
        for (const char* nsp_name : {"/middleware", "/connection"}) {
            auto& session = world.open();
            session.text(std::string("0") + nsp_name);
            EXPECT_FALSE(session.open()) << nsp_name;
        }
        EXPECT_TRUE(bystander.open());
    });
}

TEST(Client, handshake_data_that_is_dropped_is_gone) {
    World world;
    world.of("/").on_connection([](Socket& socket) {
        EXPECT_EQ(socket.handshake().auth.at("token"), "secret");
        socket.drop_handshake();
        EXPECT_TRUE(socket.handshake().auth.empty());
    });
    world.run([&] { world.open().text(R"(0{"token":"secret"})"); });
}

TEST(Client, a_handle_reaches_the_socket_from_anywhere_while_it_is_there) {
    World world;
    std::function<void(std::function<void(Socket&)>)> handle;
    world.of("/").on_connection([&](Socket& socket) { handle = socket.handle(); });
    world.run([&] { world.join("/"); });
    std::thread([&] { handle([](Socket& socket) { socket.emit("hello", {}); }); }).join();
    world.run([&] {
        EXPECT_EQ(world.sessions[0]->take(), Texts{R"(42["hello"])"});
        world.sessions[0]->end(engineio::CloseReason::transport_close);
        handle([](Socket&) { ADD_FAILURE() << "it has left"; });
    });
}

}  // namespace pulse::socketio
