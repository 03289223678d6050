// Rooms and delivery of a namespace with several shards against a plain model: sets of names, and for each
// connection the list of what it must have been sent.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <thread>

#include "socketio/fake_session.hpp"
#include "socketio/recovery.hpp"

namespace pulse::socketio {
namespace {

using Names = std::vector<std::string>;
constexpr unsigned shard_count = 3;
constexpr std::size_t slot_count = 7;
const Names room_names = {"a", "b", "c", "", "a room with a long name, longer than a string holds inline"};

// One of the connections, and what the model knows about it.
struct Slot {
    FakeSession* session = nullptr;  // nullptr: gone
    Socket* socket = nullptr;        // touched on its shard, like what the session was sent
    std::string sid;                 // kept when it is gone: nobody may be reached by it then
    net::ShardId shard = 0;
    bool connected = false;
    bool writable = true;
    std::set<std::string> rooms;
    Names expected;

    bool in_any(const Names& names) const {
        return std::ranges::any_of(names, [&](const auto& name) { return rooms.contains(name); });
    }
    bool is_in(const Target& target) const {
        return connected && (target.rooms.empty() || in_any(target.rooms)) && !in_any(target.except);
    }
};

// What a step does is drawn from one number, so that RapidCheck makes a failing list of them short.
class Draw {
public:
    explicit Draw(std::uint64_t number) : left_(number) {}
    std::size_t below(std::size_t bound) {
        const auto drawn = left_ % bound;
        left_ /= bound;
        return std::size_t(drawn);
    }

private:
    std::uint64_t left_;
};

class Play {
    World world_;
    NamespaceImpl& nsp_;
    const bool recovery_;
    Slot slots_[slot_count];
    Slot* opening_ = nullptr;
    std::size_t events_ = 0;

    // As that shard, which has done then what was posted to it before; or as a thread that is none. The other
    // shards go on when they have something to do: what is posted to them waits as long as it can.
    template <class Work>
    void on(std::size_t shard, Work work) {
        if (shard == shard_count) return work();
        world_.drive(net::ShardId(shard), work);
    }
    Names sent_to(Slot& slot) {
        Names out;
        on(slot.shard, [&] { out = names(slot.session->take()); });
        return out;
    }

public:
    explicit Play(bool recovery)
        : world_({}, shard_count, Shards::are_driven), nsp_(world_.of("/")), recovery_(recovery) {
        if (recovery) nsp_.use_recovery(LogRecoveryOptions{});
        nsp_.on_connection([this](Socket& socket) {
            opening_->socket = &socket;
            opening_->sid = socket.id();
        });
        for (std::size_t i = 0; i < slot_count; ++i) slots_[i].shard = net::ShardId(i % shard_count);
        for (std::size_t i = 0; i < 4; ++i) connect(slots_[i]);
    }

    void step(std::uint64_t number) {
        Draw draw(number);
        const auto kind = draw.below(16);
        Slot& slot = slots_[draw.below(slot_count)];
        const auto actor = draw.below(shard_count + 1);
        if (kind < 6) return broadcast(slot, actor, draw);
        if (kind < 8) return move(target(draw), draw.below(2) == 0, room(draw), actor);
        if (!slot.connected) return slot.session ? rejoin(slot) : connect(slot);
        switch (kind) {
            case 8:
            case 9:
            case 10:
                return join(slot, room(draw));
            case 11:
                return leave(slot, draw.below(8) == 0 ? slot.sid : room(draw));
            case 12:
                return emit(slot, draw.below(2) == 0);
            case 13:
                return set_writable(slot);
            case 14:
                return draw.below(2) == 0 ? drop(slot) : client_leaves(slot);
            default:
                return disconnect(target(draw), actor);
        }
    }

    void check() {
        // What one shard posts to another in the first round is done in the second.
        for (int round = 0; round < 2; ++round) {
            for (unsigned shard = 0; shard < shard_count; ++shard) on(shard, [] {});
        }
        std::size_t connected = 0;
        std::set<std::string> inhabited;
        for (auto& slot : slots_) {
            if (slot.session) RC_ASSERT(sent_to(slot) == slot.expected);
            if (!slot.connected) continue;
            ++connected;
            const auto rooms = slot.socket->rooms();
            RC_ASSERT(std::set(rooms.begin(), rooms.end()) == slot.rooms);
            inhabited.insert(rooms.begin(), rooms.end());
        }
        RC_ASSERT(nsp_.size() == connected);
        for (const auto& name : room_names) RC_ASSERT(nsp_.has_members(name) == inhabited.contains(name));
    }

private:
    // The names of the events, and DISCONNECT as "-"; what stands around them is for other tests.
    static Names names(const Names& packets) {
        Names out;
        for (const auto& packet : packets) {
            if (packet.starts_with("41")) out.emplace_back("-");
            if (packet.starts_with("42")) out.push_back(packet.substr(4, packet.find('"', 4) - 4));
        }
        return out;
    }

    std::string room(Draw& draw) {
        const auto n = draw.below(room_names.size() * 3 + slot_count);
        if (n < room_names.size() * 3) return room_names[n % room_names.size()];
        return slots_[n - room_names.size() * 3].sid;
    }
    Target target(Draw& draw) {
        Target out;
        const auto rooms = draw.below(4);
        for (std::size_t i = 0; i < rooms; ++i) out.rooms.push_back(room(draw));
        const auto except = draw.below(5) % 3;
        for (std::size_t i = 0; i < except; ++i) out.except.push_back(room(draw));
        if (draw.below(3) == 0) out.delivery = Delivery::may_drop;
        if (draw.below(3) == 0) out.scope = Scope::this_node;
        return out;
    }
    static BroadcastOperator chosen(BroadcastOperator chosen, const Target& target) {
        for (const auto& name : target.rooms) chosen = chosen.to(name);
        for (const auto& name : target.except) chosen = chosen.except(name);
        if (target.delivery == Delivery::may_drop) chosen = chosen.volatile_();
        if (target.scope == Scope::this_node) chosen = chosen.local();
        return chosen;
    }

    void connect(Slot& slot) {
        opening_ = &slot;
        on(slot.shard, [&] {
            slot.session = &world_.open(slot.shard);
            slot.session->text("0");
            slot.session->take();
        });
        slot.writable = true;
        slot.expected.clear();
        begin(slot);
    }
    void rejoin(Slot& slot) {
        opening_ = &slot;
        on(slot.shard, [&] { slot.session->text("0"); });
        begin(slot);
    }
    static void begin(Slot& slot) {
        slot.connected = true;
        slot.rooms = {slot.sid};
    }
    static void end(Slot& slot) {
        slot.connected = false;
        slot.socket = nullptr;
        slot.rooms.clear();
    }

    void join(Slot& slot, const std::string& name) {
        on(slot.shard, [&] { slot.socket->join(name); });
        slot.rooms.insert(name);
    }
    void leave(Slot& slot, const std::string& name) {
        on(slot.shard, [&] { slot.socket->leave(name); });
        slot.rooms.erase(name);
    }
    void move(const Target& whom, bool in, const std::string& name, std::size_t actor) {
        on(actor, [&] {
            const auto sockets = chosen(BroadcastOperator(nsp_), whom);
            in ? sockets.sockets_join(name) : sockets.sockets_leave(name);
        });
        std::vector<Slot*> moved;
        for (auto& slot : slots_) {
            if (slot.is_in(whom)) moved.push_back(&slot);
        }
        for (auto* slot : moved) {
            if (in) {
                slot->rooms.insert(name);
            } else {
                slot->rooms.erase(name);
            }
        }
    }
    void broadcast(Slot& slot, std::size_t actor, Draw& draw) {
        auto whom = target(draw);
        const auto event = next_event();
        // By a socket: on its shard, and not to itself.
        if (slot.connected && draw.below(2) == 0) {
            on(slot.shard, [&] { chosen(slot.socket->broadcast(), whom).emit(event, {}); });
            whom.except.push_back(slot.sid);
        } else {
            on(actor, [&] { chosen(BroadcastOperator(nsp_), whom).emit(event, {}); });
        }
        for (auto& other : slots_) {
            if (other.is_in(whom)) expect(other, event, whom.delivery);
        }
    }
    void emit(Slot& slot, bool may_drop) {
        const auto event = next_event();
        const auto delivery = may_drop ? Delivery::may_drop : Delivery::reliable;
        on(slot.shard, [&] { slot.socket->emit(event, {}, delivery); });
        if (!recovery_ || may_drop) return expect(slot, event, delivery);
        // What is logged is for the room of the socket's id, as in Node.
        for (auto& other : slots_) {
            if (other.rooms.contains(slot.sid)) expect(other, event, delivery);
        }
    }
    static void expect(Slot& slot, const std::string& event, Delivery delivery) {
        if (slot.writable || delivery == Delivery::reliable) slot.expected.push_back(event);
    }
    void set_writable(Slot& slot) {
        slot.writable = !slot.writable;
        on(slot.shard, [&] { slot.session->is_writable = slot.writable; });
    }
    void drop(Slot& slot) {
        on(slot.shard, [&] { slot.session->end(engineio::CloseReason::transport_close); });
        RC_ASSERT(sent_to(slot) == slot.expected);
        slot.session = nullptr;
        end(slot);
    }
    void client_leaves(Slot& slot) {
        on(slot.shard, [&] { slot.session->text("1"); });
        end(slot);
    }
    void disconnect(const Target& whom, std::size_t actor) {
        on(actor, [&] { chosen(BroadcastOperator(nsp_), whom).disconnect_sockets(); });
        std::vector<Slot*> ended;
        for (auto& slot : slots_) {
            if (slot.is_in(whom)) ended.push_back(&slot);
        }
        for (auto* slot : ended) {
            slot->expected.emplace_back("-");
            end(*slot);
        }
    }
    std::string next_event() { return "e" + std::to_string(events_++); }
};

void play(bool recovery) {
    const auto steps = *rc::gen::scale(2.0, rc::gen::container<std::vector<std::uint64_t>>(
                                                rc::gen::resize(64, rc::gen::arbitrary<std::uint64_t>())));
    Play game(recovery);
    for (const auto step : steps) game.step(step);
    game.check();
}

}  // namespace

RC_GTEST_PROP(RoomsModel, everybody_gets_exactly_what_is_for_them_in_order, ()) { play(false); }

RC_GTEST_PROP(RoomsModel, and_so_they_do_with_a_log_for_recovery, ()) { play(true); }

// With the shards' own threads: here nobody knows the order of what different threads emit.
TEST(RoomsModel, what_each_thread_emits_arrives_once_and_in_its_order) {
    constexpr std::size_t sockets = 9, threads = 4, events = 400;
    World world({}, shard_count);
    NamespaceImpl& nsp = world.of("/");
    std::vector<FakeSession*> sessions(sockets);
    std::vector<Socket*> joined(sockets);
    std::size_t opening = 0;
    nsp.on_connection([&](Socket& socket) { joined[opening] = &socket; });
    for (; opening < sockets; ++opening) {
        world.pool.run_on_each([&](net::Shard& shard) {
            if (shard.id() != opening % shard_count) return;
            sessions[opening] = &world.join("/", shard.id());
            if (opening % 2 == 0) joined[opening]->join("even");
        });
    }
    std::vector<std::thread> running;
    for (std::size_t thread = 0; thread < threads; ++thread) {
        running.emplace_back([&, thread] {
            for (std::size_t i = 0; i < events; ++i) {
                const auto event = std::to_string(thread) + "." + std::to_string(i);
                i % 2 == 0 ? nsp.emit(event, {}) : nsp.to("even").except("churned").emit(event, {});
                // The last socket comes and goes; it takes the room's seats along.
                if (i % 8 == 0) nsp.in(joined[sockets - 1]->id()).sockets_join("churned");
                if (i % 8 == 4) nsp.in(joined[sockets - 1]->id()).sockets_leave("even");
                if (i % 8 == 6) nsp.in(joined[sockets - 1]->id()).sockets_join("even");
            }
        });
    }
    for (auto& thread : running) thread.join();
    std::vector<Names> sent(sockets);
    // A shard takes what it is posted in slices.
    const auto whole = [&](std::size_t i) {
        return i + 1 == sockets || sent[i].size() >= threads * events / (i % 2 == 0 ? 1 : 2);
    };
    const auto bound = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (std::size_t i = 0; i < sockets; ++i) {
        while (!whole(i) && std::chrono::steady_clock::now() < bound) {
            world.pool.run_on_each([&](net::Shard& shard) {
                if (shard.id() == i % shard_count) sent[i] = sessions[i]->sent;
            });
        }
    }
    for (std::size_t i = 0; i + 1 < sockets; ++i) {
        for (std::size_t thread = 0; thread < threads; ++thread) {
            Names expected, of_thread;
            const auto begin = "42[\"" + std::to_string(thread) + ".";
            for (std::size_t n = 0; n < events; n += i % 2 == 0 ? 1 : 2) {
                expected.push_back(begin + std::to_string(n) + "\"]");
            }
            std::ranges::copy_if(sent[i], std::back_inserter(of_thread),
                                 [&](const auto& packet) { return packet.starts_with(begin); });
            EXPECT_EQ(of_thread, expected) << "socket " << i << ", thread " << thread;
        }
    }
}

}  // namespace pulse::socketio
