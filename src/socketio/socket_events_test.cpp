#include "socketio/socket_events.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "socketio/fake_session.hpp"

namespace pulse::socketio {
namespace json = boost::json;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

// A namespace "/" whose sockets are prepared by `prepare`; what happens is noted in `notes`.
struct Events : testing::Test {
    void prepare(std::function<void(Socket&)> prepare) { world.of("/").on_connection(std::move(prepare)); }
    EventHandler noting(std::string what) {
        return [this, what = std::move(what)](const Args&, const Ack&) { notes.push_back(what); };
    }
    static Options options() {
        Options options;
        options.max_held_events = 3;
        return options;
    }

    Texts notes;
    std::optional<Next> waiting;
    World world{options()};
};

}  // namespace

TEST_F(Events, once_hears_the_next_one_only) {
    prepare([this](Socket& socket) { socket.once("a", noting("a")); });
    world.run([&] {
        auto& session = world.join("/");
        session.text(R"(2["b"])");
        session.text(R"(2["a"])");
        session.text(R"(2["a"])");
    });
    EXPECT_EQ(notes, Texts{"a"});
}

TEST_F(Events, a_once_handler_that_is_called_again_from_within_itself_is_not) {
    prepare([this](Socket& socket) {
        socket.once("a", [this](const Args&, const Ack&) {
            notes.emplace_back("a");
            world.sessions.front()->text(R"(2["a"])");
        });
    });
    world.run([&] { world.join("/").text(R"(2["a"])"); });
    EXPECT_EQ(notes, Texts{"a"});
}

TEST_F(Events, handlers_of_every_kind_can_be_taken_off) {
    prepare([this](Socket& socket) {
        const auto off_now = [&socket](HandlerId id) {
            EXPECT_TRUE(socket.off(id));
            EXPECT_FALSE(socket.off(id));
        };
        off_now(socket.on("a", noting("on")));
        off_now(socket.once("a", noting("once")));
        off_now(socket.on_any([this](auto, const Args&, const Ack&) { notes.emplace_back("any"); }));
        off_now(socket.prepend_any([this](auto, const Args&, const Ack&) { notes.emplace_back("first"); }));
        off_now(socket.on_any_outgoing([this](auto, const Args&) { notes.emplace_back("outgoing"); }));
        off_now(socket.on_disconnect([this](auto) { notes.emplace_back("disconnect"); }));
        off_now(socket.on_error([this](const auto&) { notes.emplace_back("error"); }));
        socket.on("b", noting("b1"));
        socket.on("c", noting("c"));
        socket.once("b", noting("b2"));
        EXPECT_TRUE(socket.off("b"));
        EXPECT_FALSE(socket.off("b"));
        EXPECT_FALSE(socket.off(HandlerId(0)));
        socket.emit("a", {});
    });
    world.run([&] {
        auto& session = world.join("/");
        for (const auto* name : {"a", "b", "c"}) session.text("2[\"" + std::string(name) + "\"]");
        session.text("1");
    });
    EXPECT_EQ(notes, Texts{"c"});
}

TEST_F(Events, a_handler_may_take_off_itself_and_those_that_would_come_next) {
    prepare([this](Socket& socket) {
        auto ids = std::make_shared<std::vector<HandlerId>>();
        ids->push_back(socket.on("a", [this, &socket, ids](const Args&, const Ack&) {
            notes.emplace_back("first");
            for (const auto id : *ids) socket.off(id);
            notes.emplace_back("still there");  // its own captures are
            socket.on("a", noting("new"));
        }));
        ids->push_back(socket.on("a", noting("second")));
        ids->push_back(socket.on("a", noting("last")));
    });
    world.run([&] {
        auto& session = world.join("/");
        session.text(R"(2["a"])");
        session.text(R"(2["a"])");
    });
    EXPECT_EQ(notes, (Texts{"first", "still there", "new"}));
}

TEST_F(Events, prepend_any_comes_before_on_any_and_that_before_the_others) {
    prepare([this](Socket& socket) {
        socket.on("a", noting("on"));
        socket.on_any([this](auto, const Args&, const Ack&) { notes.emplace_back("any"); });
        socket.prepend_any([this](auto, const Args&, const Ack&) { notes.emplace_back("first"); });
    });
    world.run([&] { world.join("/").text(R"(2["a"])"); });
    EXPECT_EQ(notes, (Texts{"first", "any", "on"}));
}

TEST_F(Events, on_any_outgoing_hears_emits_broadcasts_and_binary) {
    prepare([this](Socket& socket) {
        socket.on_any_outgoing([this](std::string_view event, const Args& args) {
            std::string note = std::string(event) + " " + json::serialize(args.json);
            for (const auto& bytes : args.attachments) note += " " + bytes;
            notes.push_back(std::move(note));
        });
        socket.emit("one", Args({json::value(1)}));
        socket.nsp().emit("all", {});
        Args args;
        args.json.push_back(args.attach("bytes"));
        socket.nsp().to(socket.id()).emit("room", args);
        socket.volatile_().emit("dropped", {});
        socket.emit_with_ack("asked", {}, 1s, [](auto) {});
    });
    world.run([&] {
        auto& session = world.open();
        session.is_writable = false;
        session.text("0");
    });
    EXPECT_EQ(notes,
              (Texts{"one [1]", "all []", R"(room [{"_placeholder":true,"num":0}] bytes)", "asked []"}));
}

TEST_F(Events, middleware_sees_every_event_in_order_and_may_change_it) {
    prepare([this](Socket& socket) {
        socket.use([this](IncomingEvent& event, Next next) {
            notes.push_back("first " + event.name);
            event.args.json.emplace_back("added");
            next();
        });
        socket.use([this](IncomingEvent& event, Next next) {
            notes.emplace_back("second");
            event.name = "b";
            next();
        });
        socket.on("a", noting("a"));
        socket.on("b", [this](const Args& args, const Ack& ack) {
            notes.push_back("b " + json::serialize(args.json));
            ack(args);
        });
    });
    world.run([&] {
        auto& session = world.join("/");
        session.text(R"(20["a",1])");
        EXPECT_EQ(session.take(), Texts{R"(430[1,"added"])"});
    });
    EXPECT_EQ(notes, (Texts{"first a", "second", R"(b [1,"added"])"}));
}

TEST_F(Events, an_event_that_middleware_refuses_goes_to_on_error_and_nowhere_else) {
    prepare([this](Socket& socket) {
        socket.use([](IncomingEvent& event, Next next) {
            if (event.name == "bad") return next.refuse({"not allowed", json::value(7)});
            if (event.name == "dropped") return;
            next();
        });
        socket.on_error([this](const EventError& error) {
            notes.push_back(error.event + ": " + error.error.message);
            if (error.ack) error.ack(Args({*error.error.data}));
        });
        socket.on_any(
            [this](std::string_view event, const auto&, const auto&) { notes.emplace_back(event); });
    });
    world.run([&] {
        auto& session = world.join("/");
        session.text(R"(25["bad"])");
        session.text(R"(2["dropped"])");
        session.text(R"(2["good"])");
        EXPECT_EQ(session.take(), Texts{"435[7]"});
        EXPECT_TRUE(session.open());
    });
    EXPECT_EQ(notes, (Texts{"bad: not allowed", "dropped: Refused", "good"}));
}

TEST_F(Events, events_keep_their_order_while_middleware_takes_its_time) {
    prepare([this](Socket& socket) {
        socket.use([this](IncomingEvent& event, Next next) {
            if (event.name == "slow") {
                waiting.emplace(std::move(next));
            } else {
                next();
            }
        });
        socket.on_any(
            [this](std::string_view event, const auto&, const auto&) { notes.emplace_back(event); });
    });
    world.run([&] {
        auto& session = world.join("/");
        session.text(R"(2["slow"])");
        session.text(R"(2["b"])");
        session.text(R"(2["c"])");
        EXPECT_EQ(notes, Texts{});
        (*waiting)();
        EXPECT_EQ(notes, (Texts{"slow", "b", "c"}));
    });
}

TEST_F(Events, too_many_events_waiting_for_middleware_cost_the_connection) {
    prepare([this](Socket& socket) {
        socket.use([this](IncomingEvent&, Next next) {
            if (!waiting) waiting.emplace(std::move(next));
        });
        socket.on_any(
            [this](std::string_view event, const auto&, const auto&) { notes.emplace_back(event); });
    });
    world.run([&] {
        auto& session = world.join("/");
        for (int i = 0; i < 3; ++i) session.text(R"(2["a"])");
        EXPECT_TRUE(session.open());
        session.text(R"(2["a"])");
        EXPECT_FALSE(session.open());
        (*waiting)();  // too late, and harmless
    });
    EXPECT_EQ(notes, Texts{});
}

TEST_F(Events, a_middleware_that_throws_costs_its_connection_only) {
    prepare([](Socket& socket) {
        socket.use([](IncomingEvent&, const Next&) { throw std::runtime_error("no"); });
    });
    world.run([&] {
        auto& session = world.join("/");
        auto& other = world.join("/");
        session.text(R"(2["a"])");
        EXPECT_FALSE(session.open());
        EXPECT_TRUE(other.open());
    });
}

TEST_F(Events, a_long_queue_of_held_events_is_worked_off_without_recursion) {
    Options many;
    many.max_held_events = 200'000;
    many.max_packets_per_second = 0;
    World large(many);
    std::size_t heard = 0;
    std::optional<Next> first;
    large.of("/").on_connection([&](Socket& socket) {
        socket.use([&](IncomingEvent&, Next next) {
            if (heard == 0 && !first) {
                first.emplace(std::move(next));
            } else {
                next();
            }
        });
        socket.on("a", [&](const auto&, const auto&) { ++heard; });
    });
    large.run([&] {
        auto& session = large.join("/");
        for (int i = 0; i < 200'000; ++i) session.text(R"(2["a"])");
        (*first)();
    });
    EXPECT_EQ(heard, 200'000u);
}

TEST_F(Events, too_large_events_waiting_for_middleware_cost_the_connection) {
    Options small;
    small.max_attachment_bytes = 1000;
    World tight(small);
    std::optional<Next> first;
    tight.of("/").on_connection([&](Socket& socket) {
        socket.use([&](IncomingEvent&, Next next) { first.emplace(std::move(next)); });
    });
    tight.run([&] {
        auto& session = tight.join("/");
        session.text("2[\"a\",\"" + std::string(2000, 'x') + "\"]");  // one alone may be larger
        EXPECT_TRUE(session.open());
        (*first)();
        for (int i = 0; i < 6; ++i) session.text("2[\"a\",\"" + std::string(190, 'x') + "\"]");
        EXPECT_TRUE(session.open());
        session.text("2[\"a\",\"" + std::string(190, 'x') + "\"]");
        EXPECT_FALSE(session.open());
    });
}

}  // namespace pulse::socketio
