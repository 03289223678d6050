// Recovery when connections are cut at random bytes of what the server sends, thousands of times: a client
// that keeps the stock client's rules has every event that is for it once and in order, or is told that it is
// a newcomer. Shards, clock and connections are simulated; the seed of a failing run is printed.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <random>
#include <set>

#include "socketio/fake_session.hpp"
#include "socketio/recovery.hpp"

namespace pulse::socketio {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using Numbers = std::vector<int>;
using Texts = std::vector<std::string>;

constexpr unsigned shard_count = 2;
constexpr std::size_t client_count = 6;

struct Event {
    int number;
    Args args;
};

Args random_args(std::mt19937_64& random) {
    Args args;
    if (random() % 3 == 0) args.json.emplace_back("words that come last are no offset");
    if (random() % 4 == 0) args.json.push_back(args.attach(std::string(random() % 200, 'x')));
    if (random() % 8 == 0) args.json.push_back(args.attach("second"));
    return args;
}

// socket.io-client 4.8, and the bytes on their way to it.
struct Browser {
    std::string name;
    FakeSession* session = nullptr;  // nullptr: not connected to anything
    std::string sid, pid, offset;
    bool connected = false;
    bool recovered = false;
    std::size_t newcomer = 0;  // how often it was told to be one
    Numbers got;               // since then
    std::size_t attachments_due = 0;
    json::array event;  // that waits for them

    std::string connect_packet() const {
        json::object payload{{"user", name}};
        if (!pid.empty()) payload["pid"] = pid;
        if (!offset.empty()) payload["offset"] = offset;
        return "0" + std::string(json::serialize(payload));
    }
    void receive(const std::string& packet) {
        if (packet[0] == 'b') {
            ASSERT_GT(attachments_due, 0u);
            if (--attachments_due == 0) handle();
        } else if (packet[1] == '0') {
            const auto answer = json::parse(packet.substr(2)).as_object();
            const std::string now(answer.at("pid").as_string());
            recovered = now == pid;
            if (!recovered) {
                got.clear();
                ++newcomer;
            }
            pid = now;
            sid = answer.at("sid").as_string();
            connected = true;
        } else {
            ASSERT_TRUE(packet[1] == '2' || packet[1] == '5') << packet;
            ASSERT_TRUE(connected) << "an event before the answer to CONNECT is kept for the next connection";
            event = json::parse(packet.substr(packet.find('['))).as_array();
            attachments_due = packet[1] == '5' ? std::size_t(packet[2] - '0') : 0;
            if (attachments_due == 0) handle();
        }
    }
    void handle() {
        const std::string event_name(event[0].as_string());
        if (event_name[0] == 'e') got.push_back(std::stoi(event_name.substr(1)));
        if (event.size() > 1 && event.back().is_string()) offset = event.back().as_string();
    }
    // What is on its way is lost but for that many bytes; a message that came in part counts for nothing.
    void cut(std::size_t bytes) {
        for (const auto& packet : session->take()) {
            const auto size = packet.size() + (packet.size() < 126 ? 2 : 4);
            if (size > bytes) break;
            bytes -= size;
            receive(packet);
        }
        session = nullptr;
        connected = false;
        attachments_due = 0;
    }
};

// The application's log, for recovery by a source: by room, as the server's restart leaves it.
struct Log {
    std::map<std::string, std::vector<Event>> rooms;
    std::size_t kept = 1'000'000;                // of each room
    std::vector<std::function<void()>> answers;  // to be given between two events
    std::map<const Socket*, std::size_t> begun;  // where a newcomer's session begins
};

struct Source final : RecoverySource {
    explicit Source(Log& the_log) : log(the_log) {}
    Log& log;

    static std::string name_of(Socket& socket) {
        return std::string(socket.handshake().auth.at("user").as_string());
    }
    static std::string room_of(Socket& socket) { return "r" + std::to_string(name_of(socket)[0] % 3); }
    std::string owner(Socket& socket) override { return name_of(socket); }
    void begin(Socket& socket, std::function<void(std::string)> done) override {
        const auto room = room_of(socket);
        socket.join(room);
        log.answers.push_back([this, room, key = &socket, done = std::move(done)] {
            log.begun[key] = log.rooms[room].size();
            done(std::to_string(log.rooms[room].size()));
        });
    }
    void resume(Socket& socket, LastSeen seen,
                std::function<void(std::optional<std::vector<MissedEvent>>)> done) override {
        const auto room = room_of(socket);
        socket.join(room);
        const auto start = std::stoul(seen.start);
        const auto has = seen.offset ? std::max(start, std::stoul(*seen.offset)) : start;
        log.answers.push_back([this, room, has, done = std::move(done)] {
            const auto& events = log.rooms[room];
            if (events.size() - has > log.kept) return done(std::nullopt);
            std::vector<MissedEvent> missed;
            for (auto n = has; n < events.size(); ++n) {
                missed.push_back(
                    {"e" + std::to_string(events[n].number), events[n].args, std::to_string(n + 1)});
            }
            done(std::move(missed));
        });
    }
};

enum class Kind { log, source };
struct Plan {
    Kind kind;
    bool generous;  // nobody is away too long, nothing falls out of the log
};

class Story {
public:
    Story(Plan plan, std::uint64_t seed) : plan_(plan), random_(seed) {
        if (!plan.generous) log_.kept = 15;
        start_server();
        for (std::size_t i = 0; i < client_count; ++i) browsers_[i].name = std::to_string(i);
    }

    void tell(std::size_t cuts) {
        while (cuts_ < cuts && !testing::Test::HasFailure()) step();
        for (auto& browser : browsers_) {
            for (int attempt = 0; attempt < 100 && !browser.connected; ++attempt) {
                if (!browser.session) connect(browser);
                flush();
                log_answers();
                read(browser);
            }
            read(browser);
            EXPECT_EQ(browser.got, due_[browser.sid].events) << "something is missing in the end";
        }
    }
    std::size_t cuts() const { return cuts_; }
    std::size_t recovered() const { return recovered_; }
    std::size_t newcomers() const {
        std::size_t count = 0;
        for (const auto& browser : browsers_) count += browser.newcomer;
        return count;
    }

private:
    struct Due {
        std::set<std::string> rooms;
        Numbers events;  // for this session since it began
    };
    struct Ghost {
        FakeSession* session;
        std::size_t until;  // the server finds out at that step
    };

    std::size_t below(std::size_t bound) { return random_() % bound; }

    void start_server() {
        world_ = std::make_unique<World>(Options{}, shard_count, Shards::are_driven);
        nsp_ = &world_->of("/");
        if (plan_.kind == Kind::source) {
            nsp_->use_recovery(SourceRecoveryOptions{std::make_shared<Source>(log_), "secret"});
        } else {
            LogRecoveryOptions options;
            if (!plan_.generous) options.max_events = 40;
            nsp_->use_recovery(options);
        }
        nsp_->on_connection([this](Socket& socket) {
            if (socket.recovered()) return;
            const auto room = Source::room_of(socket);
            socket.join(room);
            Due& due = due_[socket.id()] = {{socket.id(), room}, {}};
            if (plan_.kind == Kind::log) return;
            const auto& events = log_.rooms[room];
            for (auto n = log_.begun.at(&socket); n < events.size(); ++n) {
                due.events.push_back(events[n].number);
            }
        });
    }
    void end_server() {
        for (auto& browser : browsers_) {
            if (browser.session) browser.cut(0);
        }
        ghosts_.clear();
        log_.answers.clear();
        world_.reset();
    }

    void step() {
        ++steps_;
        std::erase_if(ghosts_, [this](const Ghost& ghost) {
            if (ghost.until > steps_) return false;
            end(*ghost.session);
            return true;
        });
        if (plan_.kind == Kind::source && below(3000) == 0) {
            end_server();
            start_server();
        }
        if (!plan_.generous && below(400) == 0) world_->clock.advance(3min);
        Browser& browser = browsers_[below(client_count)];
        switch (below(8)) {
            case 0:
            case 1:
            case 2:
                return emit();
            case 3:
                world_->clock.advance(std::chrono::milliseconds(below(50)));
                return log_answers();
            case 4:
                return read(browser);
            default:
                return browser.session ? cut(browser) : connect(browser);
        }
    }

    void log_answers() {
        for (const auto& answer : std::exchange(log_.answers, {})) answer();
    }

    void emit() {
        const Event event{next_++, random_args(random_)};
        const auto name = "e" + std::to_string(event.number);
        const auto room = "r" + std::to_string(below(3));
        if (plan_.kind == Kind::source) {
            log_.rooms[room].push_back(event);
            const auto offset = std::to_string(log_.rooms[room].size());
            nsp_->to(room).at(offset).emit(name, event.args);
            return note(event, [&](const Due& due) { return due.rooms.contains(room); });
        }
        const auto& sid = browsers_[below(client_count)].sid;
        switch (below(6)) {
            case 0:
                nsp_->emit(name, event.args);
                return note(event, [](const Due&) { return true; });
            case 1:
                nsp_->except(room).emit(name, event.args);
                return note(event, [&](const Due& due) { return !due.rooms.contains(room); });
            case 2:
                if (sid.empty()) return;
                nsp_->to(sid).to(room).emit(name, event.args);
                return note(event, [&](const Due& due) {
                    return due.rooms.contains(room) || due.rooms.contains(sid);
                });
            case 3:  // comes or does not, and leaves no trace in what is recovered
                return nsp_->volatile_().emit("volatile", event.args);
            default:
                nsp_->to(room).emit(name, event.args);
                return note(event, [&](const Due& due) { return due.rooms.contains(room); });
        }
    }
    template <class IsFor>
    void note(const Event& event, IsFor is_for) {
        for (auto& [sid, due] : due_) {
            if (is_for(due)) due.events.push_back(event.number);
        }
    }

    void connect(Browser& browser) {
        const auto shard = net::ShardId(below(shard_count));
        world_->drive(shard, [&] {
            browser.session = &world_->open(shard);
            // CONNECT may be cut as well, and never arrive.
            if (below(10) != 0) return browser.session->text(browser.connect_packet());
            browser.session->end(engineio::CloseReason::transport_error);
            browser.session = nullptr;
        });
    }
    void flush() {
        // A return goes from shard to shard to end the connection before it.
        for (int round = 0; round < 4; ++round) {
            for (unsigned shard = 0; shard < shard_count; ++shard) world_->drive(net::ShardId(shard), [] {});
        }
    }
    void read(Browser& browser) {
        flush();
        if (!browser.session) return;
        const bool was_connected = browser.connected;
        const bool open = browser.session->open();
        for (const auto& packet : browser.session->take()) browser.receive(packet);
        check(browser, was_connected);
        if (!open) browser.cut(0);
    }
    void cut(Browser& browser) {
        if (below(2) == 0) flush();
        const bool was_connected = browser.connected;
        std::size_t bytes = 0;
        for (const auto& packet : browser.session->sent) bytes += packet.size() + 4;
        FakeSession& session = *browser.session;
        const auto newcomer = browser.newcomer;
        const auto pid = browser.pid;
        browser.cut(below(bytes + 1));
        check(browser,
              was_connected || (browser.pid == pid && newcomer == browser.newcomer && !browser.recovered));
        ++cuts_;
        if (below(2) == 0) {
            end(session);
        } else {
            ghosts_.push_back({&session, steps_ + below(60)});
        }
    }
    void end(FakeSession& session) {
        world_->drive(session.home().id(), [&] { session.end(engineio::CloseReason::transport_close); });
    }

    void check(Browser& browser, bool was_connected) {
        if (browser.sid.empty()) return;
        if (!was_connected && browser.connected && browser.recovered) ++recovered_;
        const auto& due = due_.at(browser.sid).events;
        ASSERT_LE(browser.got.size(), due.size()) << "something came twice";
        ASSERT_TRUE(std::equal(browser.got.begin(), browser.got.end(), due.begin()))
            << testing::PrintToString(browser.got) << "\nis no beginning of\n"
            << testing::PrintToString(due);
        if (plan_.generous) ASSERT_LE(browser.newcomer, 1u) << "it could have been recovered";
    }

    const Plan plan_;
    std::mt19937_64 random_;
    Log log_;
    std::map<std::string, Due> due_;  // by the socket's id
    Browser browsers_[client_count];
    std::vector<Ghost> ghosts_;
    std::unique_ptr<World> world_;
    NamespaceImpl* nsp_ = nullptr;
    std::size_t steps_ = 0, cuts_ = 0, recovered_ = 0;
    int next_ = 0;
};

void tell_stories(Plan plan) {
    std::size_t cuts = 0, recovered = 0, newcomers = 0;
    std::random_device device;
    for (int story = 0; story < 20; ++story) {
        const auto seed = std::uint64_t(device()) << 32 | device();
        SCOPED_TRACE("seed " + std::to_string(seed));
        Story told(plan, seed);
        told.tell(250);
        if (testing::Test::HasFailure()) return;
        cuts += told.cuts();
        recovered += told.recovered();
        newcomers += told.newcomers();
    }
    testing::Test::RecordProperty("cuts", int(cuts));
    EXPECT_GE(cuts, 5000u);
    // Most attempts are cut before they get anywhere.
    EXPECT_GE(recovered, cuts / 20);
    EXPECT_GE(newcomers, (plan.generous ? 1u : 2u) * 20 * client_count);
}

}  // namespace

TEST(RecoveryCuts, by_a_log_lose_and_repeat_nothing) { tell_stories({Kind::log, true}); }

TEST(RecoveryCuts, by_a_log_that_is_short_are_announced_where_they_lose_something) {
    tell_stories({Kind::log, false});
}

TEST(RecoveryCuts, by_a_source_lose_and_repeat_nothing_also_over_restarts) {
    tell_stories({Kind::source, true});
}

TEST(RecoveryCuts, by_a_source_that_forgets_are_announced_where_they_lose_something) {
    tell_stories({Kind::source, false});
}

}  // namespace pulse::socketio
