#include "socketio/redis_adapter/node.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>

#include "socketio/fake_session.hpp"
#include "socketio/redis_adapter/response.hpp"

namespace pulse::socketio::redis_adapter {
namespace json = boost::json;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

// Redis as one node sees it. What is published comes back to whoever subscribed, at once, as long as `echo`.
class FakeBus final : public Bus {
public:
    explicit FakeBus(net::Shard& home) : home_(home) {}
    net::Shard& home() override { return home_; }
    bool up() const override { return is_up; }
    void publish(std::string_view channel, std::string_view body) override {
        published.emplace_back(channel, body);
        if (echo) say(channel, body);
    }
    void subscribe(const std::string& channel, OnMessage message) override {
        ++commands;
        EXPECT_TRUE(subscribed.emplace(channel, std::move(message)).second) << channel;
    }
    void unsubscribe(const std::string& channel) override {
        ++commands;
        EXPECT_EQ(subscribed.erase(channel), 1u) << channel;
    }
    void count_subscribers(std::vector<std::string>, std::function<void(Counts)> done) override {
        done(nodes == 0 ? Counts() : Counts({nodes, 1}));
    }

    void say(std::string_view channel, std::string_view body) {
        const auto found = subscribed.find(std::string(channel));
        if (found != subscribed.end()) found->second(channel, body);
    }
    std::vector<std::pair<std::string, std::string>> take() { return std::exchange(published, {}); }
    json::object take_json() {
        const auto all = take();
        EXPECT_EQ(all.size(), 1u);
        return all.empty() ? json::object() : json::parse(all[0].second).as_object();
    }

    net::Shard& home_;
    bool is_up = true;
    bool echo = true;
    std::uint64_t nodes = 1;
    int commands = 0;
    std::map<std::string, OnMessage> subscribed;
    std::vector<std::pair<std::string, std::string>> published;
};

// One node of namespace "/", whose sockets the test makes and moves.
struct Cluster {
    explicit Cluster(Options chosen = {}) : options(std::move(chosen)), stats(options.stats) {
        nsp.use_adapter(
            [this](const std::weak_ptr<LocalSockets>& here) { return make_node(bus, here, options); });
        nsp.on_connection([this](Socket& socket) { sockets.push_back(&socket); });
        settle();
    }
    // Until what was posted to the shard has run.
    void settle() {
        world.run([] {});
        world.run([] {});
    }
    void run(const std::function<void()>& steps) {
        world.run(steps);
        settle();
    }
    FakeSession& join(std::string_view room) {
        FakeSession& session = world.join("/");
        sockets.back()->join(room);
        return session;
    }
    void request(std::string_view body) { bus->say("socket.io-request#/#", body); }
    void answer(std::string_view body) { bus->say("socket.io-response#/#", body); }

    World world;
    Options options;
    std::shared_ptr<Stats> stats;
    std::shared_ptr<FakeBus> bus = std::make_shared<FakeBus>(world.pool[0]);
    Namespace& nsp = world.of("/");
    std::vector<Socket*> sockets;
};

std::string of_emitter(std::string_view event, Texts rooms, Texts except = {}) {
    Target target;
    target.rooms = std::move(rooms);
    target.except = std::move(except);
    return encode_broadcast("emitter", "/", event, {}, target, Encoding::msgpack);
}

}  // namespace

TEST(RedisNode, subscribes_to_rooms_with_members_and_lets_go_of_empty_ones_later) {
    Cluster c;
    EXPECT_EQ(c.bus->subscribed.size(), 4u);  // broadcasts, requests, answers, answers to us
    c.run([&] { c.join("r"); });
    EXPECT_TRUE(c.bus->subscribed.contains("socket.io#/#r#"));
    EXPECT_TRUE(c.bus->subscribed.contains("socket.io#/#" + c.sockets[0]->id() + "#"));
    const int before = c.bus->commands;
    c.run([&] {
        for (int i = 0; i < 100; ++i) {
            c.sockets[0]->leave("r");
            c.sockets[0]->join("r");
        }
        c.sockets[0]->leave("r");
    });
    EXPECT_EQ(c.bus->commands, before);
    c.run([&] { c.world.pass(999ms); });
    EXPECT_TRUE(c.bus->subscribed.contains("socket.io#/#r#"));
    c.run([&] { c.world.pass(1ms); });
    EXPECT_FALSE(c.bus->subscribed.contains("socket.io#/#r#"));
    c.run([&] { c.world.sessions[0]->text("1"); });
    c.run([&] { c.world.pass(1s); });
    EXPECT_EQ(c.bus->subscribed.size(), 4u);
}

TEST(RedisNode, delivers_here_at_once_and_publishes_to_the_others) {
    Cluster c;
    c.run([&] {
        auto& session = c.join("r");
        c.nsp.to("r").emit("e", Args({1}));
        EXPECT_EQ(session.take(), Texts{R"(42["e",1])"});  // once, though its own copy came back
        auto sent = c.bus->take();
        ASSERT_EQ(sent.size(), 1u);
        EXPECT_EQ(sent[0].first, "socket.io#/#r#");
        const auto read = decode_broadcast(sent[0].second, 10);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->uid.size(), 6u);
        EXPECT_EQ(read->event.args.json, json::array{1});

        c.nsp.to("r").to("s").emit("e", {});
        c.nsp.except("r").emit("e", {});
        sent = c.bus->take();
        EXPECT_EQ(sent[0].first, "socket.io#/#");
        EXPECT_EQ(sent[1].first, "socket.io#/#");
        c.nsp.local().emit("e", {});
        EXPECT_TRUE(c.bus->take().empty());
    });
}

TEST(RedisNode, delivers_what_others_publish_to_whom_it_concerns) {
    Cluster c;
    c.run([&] {
        auto& a = c.join("a");
        auto& b = c.join("b");
        c.bus->say("socket.io#/#", of_emitter("all", {}));
        c.bus->say("socket.io#/#", of_emitter("not b", {}, {"b"}));
        EXPECT_EQ(a.take(), (Texts{R"(42["all"])", R"(42["not b"])"}));
        EXPECT_EQ(b.take(), Texts{R"(42["all"])"});
    });
    c.run([&] {
        c.bus->say("socket.io#/#b#", of_emitter("to b", {"b"}));
        EXPECT_EQ(c.world.sessions[1]->take(), Texts{R"(42["to b"])"});
        // Other namespaces and other adapters share prefixes.
        c.bus->say("socket.io#/#", encode_broadcast("u", "/other", "e", {}, {}, Encoding::msgpack));
        c.bus->say("socket.io#/#", R"({"type":3,"data":{},"uid":"u","nsp":"/"})");
        c.bus->say("socket.io#/#", "\xff\xfe");
        EXPECT_TRUE(c.world.sessions[1]->take().empty());
        EXPECT_EQ(c.stats->received, 3u);
        EXPECT_EQ(c.stats->invalid, 2u);
        c.sockets[1]->leave("b");
        c.bus->say("socket.io#/#b#", of_emitter("to b", {"b"}));
        EXPECT_EQ(c.stats->unwanted, 1u);
        EXPECT_EQ(c.stats->backlog, 0u);
    });
}

TEST(RedisNode, carries_commands_out_when_they_come_back_or_after_a_while_or_at_once_without_redis) {
    Cluster c;
    c.run([&] {
        c.join("a");
        c.bus->echo = false;
        c.nsp.in("a").sockets_join("b");
        EXPECT_FALSE(c.nsp.has_members("b"));
        const auto sent = c.bus->take();
        EXPECT_EQ(sent[0].first, "socket.io-request#/#");
        c.request(sent[0].second);
        EXPECT_TRUE(c.nsp.has_members("b"));
        c.sockets[0]->leave("b");
        c.request(sent[0].second);  // twice: not ours to wait for any more
        EXPECT_FALSE(c.nsp.has_members("b"));

        c.nsp.in("a").sockets_join("c");
        c.world.pass(1s);
        EXPECT_TRUE(c.nsp.has_members("c"));
        c.bus->is_up = false;
        c.nsp.in("a").sockets_leave("c");
        EXPECT_FALSE(c.nsp.has_members("c"));
        c.nsp.disconnect_sockets();
        EXPECT_EQ(c.nsp.size(), 0u);
        EXPECT_EQ(c.stats->unpublished, 2u);
    });
}

TEST(RedisNode, obeys_commands_of_nodes_and_emitters) {
    Cluster c;
    c.run([&] {
        auto& session = c.join("a");
        c.request(R"({"type":2,"opts":{"rooms":["a"],"except":[]},"rooms":["b","c"]})");
        EXPECT_TRUE(c.nsp.has_members("c"));
        c.request(R"({"uid":"x","type":3,"opts":{"rooms":["b"]},"rooms":["c"]})");
        EXPECT_FALSE(c.nsp.has_members("c"));
        const std::string id = c.sockets[0]->id();
        c.request(R"({"type":2,"requestId":"r1","sid":")" + id + R"(","room":"old"})");
        EXPECT_TRUE(c.nsp.has_members("old"));
        EXPECT_EQ(json::serialize(c.bus->take_json()), R"({"requestId":"r1"})");
        c.request(R"({"type":4,"requestId":"r2","sid":"nobody"})");
        EXPECT_TRUE(c.bus->take().empty());
        c.request(R"({"type":4,"opts":{"rooms":["a"]},"close":true})");
        EXPECT_FALSE(session.open());
    });
}

TEST(RedisNode, answers_what_others_ask) {
    Cluster c;
    c.nsp.on_server_side("double", [](const Args& args, Ack ack) { ack(Args({args[0].as_int64() * 2})); });
    c.run([&] {
        c.join("a");
        const std::string id = c.sockets[0]->id();
        c.request(R"({"uid":"x","requestId":"r","type":0,"rooms":["a"]})");
        EXPECT_EQ(json::serialize(c.bus->take_json()), R"({"requestId":"r","sockets":[")" + id + R"("]})");
        c.request(R"({"uid":"x","requestId":"r","type":1})");
        EXPECT_EQ(c.bus->take_json().at("rooms").as_array().size(), 2u);
        c.request(R"({"uid":"x","requestId":"r","type":5,"opts":{"rooms":["nobody"]}})");
        EXPECT_EQ(json::serialize(c.bus->take_json()), R"({"requestId":"r","sockets":[]})");
        c.request(R"({"uid":"x","requestId":"r","type":5,"opts":{}})");
        const auto fetched = c.bus->take_json();
        EXPECT_EQ(fetched.at("sockets").at(0).at("id").as_string(), json::string_view(id));
        // The query holds a token, and nobody said that others may see it.
        EXPECT_EQ(json::serialize(fetched).find("token"), std::string::npos);

        c.request(R"({"uid":"x","requestId":"r","type":6,"data":["double",4]})");
        EXPECT_EQ(json::serialize(c.bus->take_json()), R"({"requestId":"r","type":6,"data":8})");
        c.request(R"({"uid":"x","requestId":"r","type":6,"data":["unheard of"]})");
        EXPECT_EQ(json::serialize(c.bus->take_json()), R"({"requestId":"r","type":6,"data":null})");
        c.request(R"({"uid":"x","type":6,"data":["double",4]})");
        EXPECT_TRUE(c.bus->take().empty());
    });
}

TEST(RedisNode, asks_its_clients_for_another_node) {
    Cluster c;
    c.run([&] {
        auto& session = c.join("a");
        Target all;
        c.request(encode_broadcast_with_ack("x", "r", "/", "q", {}, all, 1s, Encoding::msgpack));
        EXPECT_EQ(session.take(), Texts{R"(420["q"])"});
        EXPECT_EQ(json::serialize(c.bus->take_json()), R"({"requestId":"r","type":8,"clientCount":1})");
        session.text("30[7,8]");
        const auto answers = c.bus->take();
        ASSERT_EQ(answers.size(), 1u);
        const auto answer = decode_response(answers[0].second, 10);
        EXPECT_EQ(std::get<ClientAnswer>(answer->what).args.json, json::array{7});
        all.rooms = {"nobody"};
        c.request(encode_broadcast_with_ack("x", "r", "/", "q", {}, all, 1s, Encoding::json));
        EXPECT_EQ(json::serialize(c.bus->take_json()), R"({"requestId":"r","type":8,"clientCount":0})");
    });
}

TEST(RedisNode, gathers_the_sockets_of_all_nodes_or_says_that_some_are_missing) {
    Cluster c;
    c.run([&] {
        c.join("a");
        std::optional<FetchedSockets> got;
        const auto fetch = [&] {
            got.reset();
            c.nsp.fetch_sockets([&](FetchedSockets sockets) { got = std::move(sockets); });
        };
        fetch();
        EXPECT_TRUE(got && got->complete && got->sockets.size() == 1);
        EXPECT_TRUE(c.bus->take().empty());  // nobody to ask

        c.bus->nodes = 3;
        fetch();
        const std::string id(c.bus->take_json().at("requestId").as_string());
        EXPECT_FALSE(got);
        c.answer(R"({"requestId":"other","sockets":[{"id":"x"}]})");
        c.answer(R"({"requestId":")" + id + R"(","sockets":[{"id":"x"}]})");
        EXPECT_FALSE(got);
        c.answer(R"({"requestId":")" + id + R"(","sockets":[]})");
        EXPECT_TRUE(got && got->complete && got->sockets.size() == 2);

        fetch();
        c.world.pass(5s);
        EXPECT_TRUE(got && !got->complete && got->sockets.size() == 1);
        EXPECT_EQ(c.stats->timeouts, 1u);
        c.bus->is_up = false;
        fetch();
        EXPECT_TRUE(got && !got->complete && got->sockets.size() == 1);
    });
}

TEST(RedisNode, gathers_what_other_servers_answer) {
    Cluster c;
    c.run([&] {
        c.bus->nodes = 2;
        std::optional<ServerSideAnswers> got;
        const auto consult = [&] {
            got.reset();
            c.nsp.server_side_emit_with_ack("s", {},
                                            [&](ServerSideAnswers answers) { got = std::move(answers); });
            return std::string(c.bus->take_json().at("requestId").as_string());
        };
        const std::string id = consult();
        c.answer(R"({"requestId":")" + id + R"(","type":6,"data":"x"})");
        ASSERT_TRUE(got);
        EXPECT_TRUE(got->complete);
        EXPECT_EQ(got->answers[0], "x");
        consult();
        c.world.pass(5s);
        EXPECT_TRUE(got && !got->complete && got->answers.empty());
    });
}

TEST(RedisNode, gathers_acknowledgements_of_all_nodes) {
    Cluster c;
    c.run([&] {
        auto& session = c.join("a");
        c.bus->nodes = 3;
        std::optional<std::size_t> asked;
        std::size_t answers = 0;
        const auto ask = [&] {
            asked.reset();
            c.nsp.to("a").emit_with_ack("q", {}, 2s, [&](std::vector<Args> got, std::size_t n) {
                answers = got.size();
                asked = n;
            });
            const auto request = decode_request(c.bus->take().at(0).second, 10);
            return request->id;
        };
        std::string id = ask();
        c.answer(encode_client_answer(id, Args({1}), Encoding::msgpack));  // before its number
        c.answer(encode_client_count(id, 2));
        c.answer(encode_client_count(id, 0));
        session.text("30[]");
        EXPECT_FALSE(asked);
        c.answer(encode_client_answer(id, {}, Encoding::msgpack));
        EXPECT_EQ(asked, 3u);
        EXPECT_EQ(answers, 3u);

        id = ask();
        session.text("31[]");
        c.answer(encode_client_count(id, 5));
        EXPECT_FALSE(asked);
        c.world.pass(2s);
        EXPECT_EQ(asked, 6u);
        EXPECT_EQ(answers, 1u);
    });
}

TEST(RedisNode, lives_through_any_message_and_callbacks_that_throw) {
    Cluster c;
    c.nsp.on_server_side("s", [](const Args&, Ack) { throw std::runtime_error("no"); });
    c.run([&] {
        c.join("a");
        for (const auto& [channel, handler] : std::map(c.bus->subscribed)) {
            for (const auto* body : {"", "{", "{}", "[]", "\x93", "\xc1", "\x91\x91\x91",
                                     R"({"type":6,"data":["s"]})", R"({"requestId":"r","type":9})"}) {
                handler(channel, body);
            }
            handler(channel, std::string(5 * 1024 * 1024, ' '));
        }
        // What is no std::exception as well.
        for (const auto thrown : {1, 2}) {
            c.nsp.on_server_side("t" + std::to_string(thrown), [thrown](const Args&, Ack) { throw thrown; });
            c.request(R"({"type":6,"data":["t)" + std::to_string(thrown) + R"("]})");
        }
        c.nsp.fetch_sockets([](const FetchedSockets&) { throw std::runtime_error("no"); });
        c.nsp.server_side_emit_with_ack("s", {}, [](const ServerSideAnswers&) { throw 1; });
        c.bus->nodes = 2;
        c.nsp.fetch_sockets([](const FetchedSockets&) { throw std::runtime_error("no"); });
        c.world.pass(5s);
        EXPECT_EQ(c.nsp.size(), 1u);
        EXPECT_EQ(c.stats->backlog, 0u);
    });
}

TEST(RedisNode, takes_from_a_rooms_channel_only_what_is_for_that_room) {
    Cluster c;
    c.run([&] {
        c.join("a");
        c.join("b");
    });
    c.run([&] {
        auto& a = *c.world.sessions[0];
        auto& b = *c.world.sessions[1];
        int forged = 0;
        for (const auto& rooms : {Texts{}, Texts{"b"}, Texts{"a", "b"}, Texts{"a", "a"}}) {
            c.bus->say("socket.io#/#a#", of_emitter("forged", rooms));
            EXPECT_EQ(c.stats->invalid, std::uint64_t(++forged));
        }
        EXPECT_TRUE(a.take().empty());
        EXPECT_TRUE(b.take().empty());
        c.bus->say("socket.io#/#a#", of_emitter("to a", {"a"}, {"b"}));
        EXPECT_EQ(a.take(), Texts{R"(42["to a"])"});
        // Node's rooms may be numbers.
        c.sockets[0]->join("7");
    });
    c.run([&] {
        c.bus->say("socket.io#/#7#", R"(["x",{"type":2,"data":["n"],"nsp":"/"},{"rooms":[7],"except":[]}])");
        EXPECT_EQ(c.world.sessions[0]->take(), Texts{R"(42["n"])"});
        EXPECT_EQ(c.stats->received, 2u);
    });
}

TEST(RedisNode, keeps_what_other_nodes_retain_also_without_members_and_forgets_with_them) {
    Cluster writer;
    Cluster other;
    // What one publishes comes to the other.
    const auto tell = [&] {
        for (const auto& [channel, body] : writer.bus->take()) {
            other.run([&] { other.bus->say(channel, body); });
        }
    };
    writer.run([&] {
        writer.nsp.to("r").retain("a").emit("e", Args({1}));
        writer.nsp.to("r").retain("b").conflate().emit("e", Args({2}));
        writer.nsp.to("r").local().retain("c").emit("e", Args({3}));
    });
    tell();
    other.run([&] { EXPECT_EQ(other.join("r").take(), (Texts{R"(42["e",1])", R"(42["e",2])"})); });
    writer.run([&] { writer.nsp.to("r").forget("a"); });
    tell();
    other.run([&] { EXPECT_EQ(other.join("r").take(), (Texts{R"(42["e",2])"})); });
    writer.run([&] { writer.nsp.to("r").forget_all(); });
    tell();
    other.run([&] { EXPECT_TRUE(other.join("r").take().empty()); });
}

TEST(RedisNode, takes_larger_answers_than_messages) {
    Options options;
    options.max_message_bytes = 1'000;
    options.max_answer_bytes = 100'000;
    Cluster c(options);
    c.run([&] {
        c.bus->nodes = 2;
        std::optional<FetchedSockets> got;
        const auto fetch = [&] {
            got.reset();
            c.nsp.fetch_sockets([&](FetchedSockets sockets) { got = std::move(sockets); });
            return std::string(c.bus->take_json().at("requestId").as_string());
        };
        const auto answer = [&](const std::string& id, int sockets) {
            std::string list;
            for (int i = 0; i < sockets; ++i) list += R"({"id":"12345678901234567890"},)";
            list.back() = ']';
            c.answer(R"({"requestId":")" + id + R"(","sockets":[)" + list + "}");
        };
        answer(fetch(), 2'000);
        ASSERT_TRUE(got);
        EXPECT_EQ(got->sockets.size(), 2'000u);
        answer(fetch(), 10'000);
        EXPECT_FALSE(got);
        EXPECT_EQ(c.stats->invalid, 1u);
        c.bus->say("socket.io#/#", of_emitter(std::string(1'000, 'e'), {}));
        EXPECT_EQ(c.stats->invalid, 2u);
        c.world.pass(5s);
        EXPECT_TRUE(got && !got->complete);
    });
}

TEST(RedisNode, never_asks_twice_under_one_id) {
    Cluster c;
    c.run([&] {
        c.bus->nodes = 2;
        std::set<std::string> ids;
        for (int i = 0; i < 100; ++i) {
            c.nsp.fetch_sockets([](const FetchedSockets&) {});
            ids.emplace(c.bus->take_json().at("requestId").as_string());
        }
        std::set<std::string> counted;
        for (const auto& id : ids) counted.insert(id.substr(6));
        EXPECT_EQ(counted.size(), 100u);
    });
}

TEST(RedisNode, drops_what_its_sockets_cannot_take_in_time) {
    Options options;
    options.max_backlog = 0;
    Cluster c(options);
    c.run([&] {
        auto& session = c.join("a");
        c.bus->say("socket.io#/#", of_emitter("e", {}));
        EXPECT_TRUE(session.take().empty());
        EXPECT_EQ(c.stats->overflowed, 1u);
    });
}

RC_GTEST_PROP(SubscriptionsProperty, follow_the_rooms_in_use, ()) {
    Subscriptions rooms(1s);
    std::map<std::string, int> reasons;
    std::map<std::string, TimePoint> left;
    std::set<std::string> subscribed;
    TimePoint now{};
    for (const unsigned n : *rc::gen::arbitrary<std::vector<unsigned>>()) {
        const std::string room(1, char('a' + n % 3));
        switch ((n / 3) % 4) {
            case 0:
            case 1: {
                const bool is_new = rooms.add(room);
                RC_ASSERT(is_new == !subscribed.contains(room));
                subscribed.insert(room);
                ++reasons[room];
                break;
            }
            case 2:
                rooms.remove(room, now);
                if (reasons[room] > 0 && --reasons[room] == 0) left[room] = now;
                break;
            case 3:
                now += std::chrono::milliseconds((n / 12) % 1500);
                for (const auto& gone : rooms.take_idle(now)) {
                    RC_ASSERT(subscribed.erase(gone) == 1u);
                    RC_ASSERT(reasons[gone] == 0);
                    RC_ASSERT(now - left[gone] >= 1s);
                }
                break;
        }
        for (const auto& name : subscribed) {
            RC_ASSERT(reasons[name] > 0 || rooms.next_due() <= left[name] + 1s);
        }
        RC_ASSERT(rooms.size() == subscribed.size());
    }
}

}  // namespace pulse::socketio::redis_adapter
