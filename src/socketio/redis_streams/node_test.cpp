// Nodes over a real Redis; the sockets are recorded, not connected.
#include "socketio/redis_streams/node.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "redis/test_server.hpp"

namespace pulse::socketio::redis_streams {
namespace {

using namespace std::chrono_literals;
using redis::testing::eventually;
using redis::testing::TestServer;
using Texts = std::vector<std::string>;

// Writes down what it is told. While it is `busy` events stay on their way.
class RecordedSockets final : public LocalSockets {
public:
    RecordedSockets(std::string name, net::ShardPool& shards) : name_(std::move(name)), shards_(shards) {}
    const std::string& name() const override { return name_; }
    net::ShardPool& shards() override { return shards_; }
    std::size_t max_attachments() const override { return 10; }
    bool may_have(std::string_view) const override { return true; }
    void deliver(const Target& target, std::string_view event, const Args&,
                 std::shared_ptr<void> held) override {
        const std::lock_guard lock(mutex_);
        said_.emplace_back(event);
        offsets_.push_back(target.offset);
        if (busy_) held_.push_back(std::move(held));
    }
    void ask(const Target&, std::string_view, const Args&, Duration, std::function<void(std::size_t)> asked,
             std::function<void(std::optional<Args>)> answered) override {
        answered(Args({name_}));
        asked(1);
    }
    void join(const Target&, const std::vector<std::string>& rooms) override { say("join " + rooms.at(0)); }
    void leave(const Target&, const std::vector<std::string>& rooms) override { say("leave " + rooms.at(0)); }
    void disconnect(const Target&, bool close) override { say(close ? "close" : "disconnect"); }
    void fetch(const Target&, std::function<void(std::vector<RemoteSocket>)> done) override { done({}); }
    void list_rooms(std::function<void(std::vector<std::string>)> done) override { done({}); }
    bool receive_server_side(std::string_view event, const Args&, const Ack& ack) override {
        say("told " + std::string(event));
        ack();
        return true;
    }

    Texts said() const {
        const std::lock_guard lock(mutex_);
        return said_;
    }
    Texts offsets() const {
        const std::lock_guard lock(mutex_);
        return offsets_;
    }
    bool has_place(const std::string& event) const {
        const std::lock_guard lock(mutex_);
        const auto found = std::find(said_.begin(), said_.end(), event);
        return found != said_.end() && !offsets_[std::size_t(found - said_.begin())].empty();
    }
    bool hears(std::size_t events) {
        return eventually([&] { return said().size() >= events; });
    }
    bool hears(const std::string& event) {
        return eventually([&] {
            const auto all = said();
            return std::find(all.begin(), all.end(), event) != all.end();
        });
    }
    void be_busy(bool busy) {
        std::vector<std::shared_ptr<void>> free;
        const std::lock_guard lock(mutex_);
        busy_ = busy;
        if (!busy) free.swap(held_);
    }

private:
    void say(std::string what) {
        const std::lock_guard lock(mutex_);
        said_.push_back(std::move(what));
        offsets_.emplace_back();
    }
    const std::string name_;
    net::ShardPool& shards_;
    mutable std::mutex mutex_;
    Texts said_;
    Texts offsets_;
    bool busy_ = false;
    std::vector<std::shared_ptr<void>> held_;
};

struct Running {
    explicit Running(const TestServer& server, Options chosen = {}, std::string read_from = "socket.io",
                     std::size_t max_reply_bytes = redis::Options().max_reply_bytes)
        : options(std::move(chosen)), client(shards[0], server.target(), quick(max_reply_bytes)) {
        Options reading = options;
        reading.stream_name = std::move(read_from);
        reader = std::make_shared<Reader>(client, reading);
        reader->start();
        node = make_node(client, reader, here, options);
        shards.start();
        client.start();
    }
    ~Running() {
        node = nullptr;
        reader = nullptr;
        shards.run_on_each([this](net::Shard& shard) {
            if (&shard == &client.home()) client.stop();
        });
        shards.stop();
    }
    static redis::Options quick(std::size_t max_reply_bytes) {
        redis::Options options;
        options.max_reply_bytes = max_reply_bytes;
        options.longest_pause = 50ms;
        options.deadline = options.connect_within = 10s;
        return options;
    }
    void emit(const std::string& event) { node->broadcast({}, event, {}); }
    // Until it reads the stream: then what it emits comes back with its place there.
    bool reads() {
        return eventually([this] {
            const std::string question = "?" + std::to_string(++questions);
            emit(question);
            return here->hears(question) && here->has_place(question);
        });
    }
    std::size_t heard() { return here->said().size(); }

    int questions = 0;
    Options options;
    net::ShardPool shards{2, system_clock()};
    redis::Client client;
    std::shared_ptr<RecordedSockets> here = std::make_shared<RecordedSockets>("/", shards);
    std::shared_ptr<Reader> reader;
    std::shared_ptr<Adapter> node;
};

Options waiting(Duration own_within) {
    Options options;
    options.own_within = own_within;
    options.block = 50ms;
    return options;
}

Texts from(const Texts& all, std::size_t first) { return {all.begin() + std::ptrdiff_t(first), all.end()}; }

Texts numbered(int n) {
    Texts out;
    for (int i = 0; i < n; ++i) out.push_back("e" + std::to_string(i));
    return out;
}

}  // namespace

TEST(StreamNode, nodes_have_one_order_of_events_and_commands) {
    TestServer server;
    Running a(server, waiting(20s)), b(server, waiting(20s));
    ASSERT_TRUE(a.reads() && b.reads());
    for (int i = 0; i < 200; ++i) {
        a.emit("a" + std::to_string(i));
        b.emit("b" + std::to_string(i));
        if (i % 50 == 0) a.node->sockets_join({}, {"room" + std::to_string(i)});
    }
    a.node->disconnect_sockets({}, true);
    b.emit("end");
    for (auto* one : {&a, &b}) ASSERT_TRUE(one->here->hears("end") && one->here->hears("close"));
    const auto tail = [](const Texts& all) {
        return Texts(all.end() - 406, all.end());  // the rest are the questions of reads()
    };
    EXPECT_EQ(tail(a.here->said()), tail(b.here->said()));
    Texts of_a;
    for (const auto& one : a.here->said()) {
        if (one[0] == 'a') of_a.push_back(one);
    }
    ASSERT_EQ(of_a.size(), 200u);
    for (int i = 0; i < 200; ++i) EXPECT_EQ(of_a[std::size_t(i)], "a" + std::to_string(i));
}

TEST(StreamNode, without_redis_it_serves_its_own_in_order) {
    TestServer server(TestServer::Start::later);
    Running a(server);
    for (const auto& event : numbered(100)) a.emit(event);
    ASSERT_TRUE(a.here->hears(100));
    EXPECT_EQ(a.here->said(), numbered(100));
    EXPECT_EQ(a.here->offsets(), Texts(100));
    server.start();
    EXPECT_TRUE(a.reads());
}

TEST(StreamNode, what_is_emitted_while_redis_dies_is_delivered_once_and_in_order) {
    TestServer server;
    Running a(server, waiting(20s));
    ASSERT_TRUE(a.reads());
    const auto before = a.heard();
    server.freeze();  // some of it is on its way, some not yet sent
    for (const auto& event : numbered(50)) a.emit(event);
    server.kill();
    ASSERT_TRUE(a.here->hears(before + 50));
    EXPECT_EQ(from(a.here->said(), before), numbered(50));
    server.start();
    ASSERT_TRUE(a.reads());
    a.emit("end");
    ASSERT_TRUE(a.here->hears("end"));
    const auto all = a.here->said();
    EXPECT_EQ(std::count(all.begin(), all.end(), "e49"), 1);
}

TEST(StreamNode, an_entry_whose_answer_was_lost_is_not_delivered_twice) {
    TestServer server;
    Running a(server, waiting(20s)), b(server, waiting(20s));
    ASSERT_TRUE(a.reads() && b.reads());
    const auto before = a.heard();
    // Redis takes the entries, and the connection breaks before its answers come: b hears them from the
    // stream.
    server.freeze();
    for (const auto& event : numbered(20)) a.emit(event);
    a.emit("last");
    ASSERT_TRUE(eventually([&] { return a.client.stats().in_flight >= 21; }));
    server.thaw();
    server.say({"CLIENT", "KILL", "TYPE", "normal"});
    ASSERT_TRUE(a.here->hears("last"));
    ASSERT_TRUE(a.reads());
    a.emit("end");
    ASSERT_TRUE(a.here->hears("end"));
    auto all = from(a.here->said(), before);
    std::erase_if(all, [](const std::string& one) { return one[0] == '?'; });
    Texts want = numbered(20);
    want.emplace_back("last");
    want.emplace_back("end");
    EXPECT_EQ(all, want);
}

TEST(StreamNode, what_others_say_while_its_connection_is_lost_comes_later) {
    TestServer server;
    Running a(server, waiting(20s)), b(server, waiting(20s));
    ASSERT_TRUE(a.reads() && b.reads());
    for (int i = 0; i < 10; ++i) {
        for (int n = 0; n < 10; ++n) a.emit("x" + std::to_string(i * 10 + n));
        server.say({"CLIENT", "KILL", "TYPE", "normal"});
        ASSERT_TRUE(a.reads() && b.reads());
    }
    a.emit("end");
    ASSERT_TRUE(b.here->hears("end"));
    Texts heard;
    for (const auto& one : b.here->said()) {
        if (one[0] == 'x' && (heard.empty() || heard.back() != one)) heard.push_back(one);
    }
    // What a emits while it has no connection itself stays there: b has the others, in order.
    EXPECT_TRUE(std::is_sorted(heard.begin(), heard.end(), [](const auto& one, const auto& two) {
        return std::stoi(one.substr(1)) < std::stoi(two.substr(1));
    }));
    EXPECT_EQ(b.options.stats->gaps, 0u);
}

TEST(StreamNode, reads_no_more_than_sockets_take) {
    TestServer server;
    Options few = waiting(20s);
    few.max_backlog = 10;
    few.read_count = 5;
    Running a(server, few);
    ASSERT_TRUE(a.reads());
    ASSERT_TRUE(eventually([&] { return a.options.stats->backlog == 0; }));
    a.here->be_busy(true);
    const auto before = a.heard();
    for (int i = 0; i < 100; ++i) {
        server.say({"XADD", "socket.io", "*", "uid", "emitter", "nsp", "/", "type", "3", "data",
                    R"({"packet":{"type":2,"data":["e"]},"opts":{"rooms":[],"except":[]}})"});
    }
    ASSERT_TRUE(eventually([&] { return a.options.stats->pauses > 0; }));
    EXPECT_LE(a.heard() - before, 15u);
    a.here->be_busy(false);
    EXPECT_TRUE(a.here->hears(before + 100));
    // What falls out of the stream while it pauses is lost, and counted.
    a.here->be_busy(true);
    const auto pauses = a.options.stats->pauses.load();
    const auto add = [&] {
        server.say({"XADD", "socket.io", "*", "uid", "emitter", "nsp", "/", "type", "3", "data",
                    R"({"packet":{"type":2,"data":["e"]},"opts":{"rooms":[],"except":[]}})"});
    };
    for (int i = 0; i < 50; ++i) add();
    ASSERT_TRUE(eventually([&] { return a.options.stats->pauses > pauses; }));
    server.say({"XTRIM", "socket.io", "MAXLEN", "1"});
    a.here->be_busy(false);
    EXPECT_TRUE(eventually([&] { return a.options.stats->gaps == 1; }));
    EXPECT_TRUE(a.reads());
}

TEST(StreamNode, a_burst_that_is_larger_than_the_stream_is_a_gap_and_said_so) {
    TestServer server;
    Options few;
    few.read_count = 10;
    Running a(server, few);
    ASSERT_TRUE(a.reads());
    const auto add = [&](int entries) {
        // At once: by the time the reader hears of them, all but the last 20 are gone.
        server.say(
            {"EVAL",
             "for i = 1, tonumber(ARGV[1]) do redis.call('XADD', 'socket.io', 'MAXLEN', '20', '*', 'uid', "
             "'emitter', 'nsp', '/', 'type', '3', 'data', ARGV[2]) end",
             "0", std::to_string(entries),
             R"({"packet":{"type":2,"data":["e"]},"opts":{"rooms":[],"except":[]}})"});
    };
    const auto before = a.heard();
    add(10);
    EXPECT_TRUE(a.here->hears(before + 10));
    ASSERT_TRUE(a.reads());
    EXPECT_EQ(a.options.stats->gaps, 0u);
    add(1000);
    EXPECT_TRUE(eventually([&] { return a.options.stats->gaps > 0; }));
    EXPECT_TRUE(a.reads());
}

TEST(StreamNode, what_does_not_come_back_is_delivered_without_the_stream) {
    TestServer server;
    Running a(server, waiting(20ms), "another");  // the reader never sees what the node writes
    for (const auto& event : numbered(10)) a.emit(event);
    ASSERT_TRUE(a.here->hears(10));
    EXPECT_EQ(a.here->said(), numbered(10));
    EXPECT_TRUE(eventually([&] { return a.options.stats->published == 10; }));
}

TEST(StreamNode, what_redis_refuses_or_is_too_large_stays_here) {
    TestServer server;
    Options options = waiting(20s);
    options.max_message_bytes = 1000;
    Running a(server, options), b(server, options);
    ASSERT_TRUE(a.reads() && b.reads());
    a.node->broadcast({}, "large", Args({std::string(2000, 'x')}));
    a.emit("small");
    ASSERT_TRUE(b.here->hears("small"));
    ASSERT_TRUE(a.here->hears("small"));
    const auto all = b.here->said();
    EXPECT_EQ(std::count(all.begin(), all.end(), "large"), 0);
    EXPECT_TRUE(a.here->hears("large"));
    server.say({"ACL", "SETUSER", "default", "-xadd"});
    a.emit("refused");
    EXPECT_TRUE(a.here->hears("refused"));
    EXPECT_EQ(a.options.stats->unpublished, 2u);
}

TEST(StreamNode, reads_fewer_entries_if_they_are_large_and_skips_what_cannot_be_read) {
    TestServer server;
    Running a(server, waiting(20s), "socket.io", 100'000);
    ASSERT_TRUE(a.reads());
    const auto add = [&](std::size_t bytes) {
        server.say({"XADD", "socket.io", "*", "uid", "emitter", "nsp", "/", "type", "3", "data",
                    R"({"packet":{"type":2,"data":["large",")" + std::string(bytes, 'x') +
                        R"("]},"opts":{"rooms":[],"except":[]}})"});
    };
    // Many at a time are too much, one is not.
    server.say({"CLIENT", "KILL", "TYPE", "normal"});
    const auto before = a.heard();
    for (int i = 0; i < 10; ++i) add(30'000);
    ASSERT_TRUE(eventually([&] {
        const auto all = a.here->said();
        return std::count(all.begin() + std::ptrdiff_t(before), all.end(), "large") == 10;
    }));
    EXPECT_EQ(a.options.stats->gaps, 0u);
    add(200'000);
    add(10);
    EXPECT_TRUE(eventually([&] { return a.options.stats->gaps > 0; }));
    EXPECT_TRUE(a.reads());
}

TEST(StreamNode, a_stream_that_redis_does_not_let_it_read_is_waited_for) {
    TestServer server;
    server.say({"ACL", "SETUSER", "default", "-xread"});
    Running a(server, waiting(20s));
    a.emit("one");
    EXPECT_TRUE(a.here->hears("one"));
    server.say({"ACL", "SETUSER", "default", "+xread"});
    EXPECT_TRUE(a.reads());
}

TEST(StreamNode, nodes_answer_each_other) {
    TestServer server;
    Running a(server), b(server);
    ASSERT_TRUE(a.reads() && b.reads());
    std::atomic<int> answers{-1};
    ASSERT_TRUE(eventually([&] {
        std::atomic<int> got{-1};
        std::atomic<bool> done{false};
        a.node->server_side_emit_with_ack("e", {}, [&](const ServerSideAnswers& all) {
            got = int(all.answers.size());
            done = true;
        });
        return eventually([&] { return done.load(); }) && (answers = got.load()) == 1;
    }));
    std::atomic<bool> complete{false};
    a.node->fetch_sockets({}, [&](const FetchedSockets& all) { complete = all.complete; });
    EXPECT_TRUE(eventually([&] { return complete.load(); }));
}

}  // namespace pulse::socketio::redis_streams
