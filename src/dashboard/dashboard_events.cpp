#include "dashboard/dashboard_events.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/object.hpp>
#include <condition_variable>
#include <mutex>
#include <unordered_map>

#include "base/log.hpp"
#include "dashboard/event_json.hpp"
#include "dashboard/kpi_service.hpp"
#include "dashboard/replay.hpp"
#include "dashboard/tenant_feed.hpp"
#include "dashboard/waiting_sockets.hpp"
#include "net/timers.hpp"

namespace pulse::dashboard {

using namespace std::chrono_literals;
using store::Version;

namespace {

constexpr std::int64_t listed_businesses = 20;  // as GET /api/dashboard/tenant
constexpr Duration sweep_every = 10s;
constexpr Duration first_retry = 200ms;
constexpr Duration last_retry = 5s;

// One tenant with a dashboard open here. Lives on the tenant's home shard.
struct Follower {
    Follower(UserId id, Duration gap, net::Timers& timers, std::function<void()> on_due,
             std::function<void()> on_retry)
        : user(id),
          room(DashboardEvents::room(id)),
          feed(gap),
          due(timers, std::move(on_due)),
          retry(timers, std::move(on_retry)) {}

    // A socket that comes back, and waits for what it missed.
    struct Resuming {
        Seen seen;
        std::function<void(std::optional<std::vector<Event>>)> done;
        Version after() const { return std::min(seen.changes, seen.metrics); }
    };

    const UserId user;
    const std::string room;
    TenantFeed feed;
    unsigned sockets = 0;
    bool reading = false;
    bool more = false;  // the last read left changes behind
    Version head = 0;   // the newest version we were told of
    WaitingSockets waiting;
    std::vector<Resuming> resuming;
    std::vector<Resuming> resuming_in_read;  // who comes during a read waits for the next
    Duration backoff = first_retry;
    net::Timer due;
    net::Timer retry;

    bool wants_read() const {
        return more || waiting.any() || !resuming.empty() || !feed.position() || head > *feed.position();
    }
    // From where on to read for the room and for those who come back.
    std::optional<Version> read_after() const {
        auto after = feed.position();
        for (const auto& one : resuming_in_read) after = std::min(after.value_or(one.after()), one.after());
        return after;
    }
    std::string offset() const { return to_offset(user, feed.seen()); }
};

}  // namespace

struct DashboardEvents::Impl {
    struct Home {  // what lives on one shard
        explicit Home(net::Shard& at) : shard(at) {}
        net::Shard& shard;
        std::unordered_map<UserId, std::shared_ptr<Follower>> followers;
        std::unique_ptr<net::Timer> sweep;
        bool sweeping = false;
        bool stopped = false;
    };

    Impl(net::ShardPool& shard_pool, store::Store& the_store, KpiService& kpi_service,
         socketio::Namespace& dashboard, Duration conflation_gap)
        : shards(shard_pool), store(the_store), kpis(kpi_service), nsp(dashboard), gap(conflation_gap) {
        for (unsigned i = 0; i < shards.size(); ++i)
            homes.push_back(std::make_unique<Home>(shards[net::ShardId(i)]));
    }

    Home& home_of(UserId user) { return *homes[std::hash<UserId>{}(user) % homes.size()]; }

    template <class F>
    void at_home(UserId user, F work) {
        auto& home = home_of(user);
        home.shard.dispatch([&home, work = std::move(work)]() mutable {
            if (!home.stopped) work(home);
        });
    }

    Follower& follow(Home& home, UserId user);
    void read_if_wanted(Home& home, const std::shared_ptr<Follower>& follower);
    Task<> read(Home& home, std::shared_ptr<Follower> follower);
    Task<bool> read_once(std::shared_ptr<Follower> follower);
    void deliver(Home& home, Follower& follower, const store::TenantState& state,
                 std::optional<Version> after);
    void serve_resuming(Follower& follower, const store::TenantState& state, std::optional<Version> after);
    static void refuse_resuming(Follower& follower);
    Task<> find_beginning(UserId user, std::function<void(std::optional<Seen>)> done);
    void serve_waiting(Follower& follower, const store::TenantState& state);
    void emit(const Follower& follower, const std::vector<Event>& events);
    void emit_due(Home& home, UserId user);
    void fail(Follower& follower, const std::string& why);
    Task<> sweep(Home& home);
    void arm_sweep(Home& home);
    void spawn(Home& home, Task<> task);

    std::string timestamp() { return to_iso8601(homes.front()->shard.clock().wall_now()); }

    net::ShardPool& shards;
    store::Store& store;
    KpiService& kpis;
    socketio::Namespace& nsp;
    const Duration gap;
    std::vector<std::unique_ptr<Home>> homes;
    EventStats stats;
    std::atomic<bool> failing{false};

    std::mutex running_mutex;
    std::condition_variable none_running;
    unsigned running = 0;
};

void DashboardEvents::Impl::spawn(Home& home, Task<> task) {
    {
        const std::lock_guard lock(running_mutex);
        ++running;
    }
    boost::asio::co_spawn(home.shard.executor(), std::move(task), [this](const std::exception_ptr& error) {
        if (error) log::error("dashboard events: a reader ended by an exception");
        const std::lock_guard lock(running_mutex);
        if (--running == 0) none_running.notify_all();
    });
}

Follower& DashboardEvents::Impl::follow(Home& home, UserId user) {
    auto& follower = home.followers[user];
    if (!follower) {
        follower = std::make_shared<Follower>(
            user, gap, home.shard.timers(), [this, &home, user] { emit_due(home, user); },
            [this, &home, user] {
                if (const auto it = home.followers.find(user); it != home.followers.end())
                    read_if_wanted(home, it->second);
            });
        ++stats.followed;
        arm_sweep(home);
    }
    return *follower;
}

void DashboardEvents::Impl::read_if_wanted(Home& home, const std::shared_ptr<Follower>& follower) {
    if (follower->reading || follower->retry.armed() || !follower->wants_read()) return;
    follower->reading = true;
    spawn(home, read(home, follower));
}

Task<> DashboardEvents::Impl::read(Home& home, std::shared_ptr<Follower> follower) {
    try {
        bool going_on = true;
        while (going_on && follower->wants_read() && follower->sockets > 0 && !home.stopped)
            going_on = co_await read_once(follower);
    } catch (const std::exception& error) {
        stats.unanswered_requests += follower->waiting.put_back();
        refuse_resuming(*follower);
        fail(*follower, error.what());
    }
    follower->reading = false;
}

// One read of the log and what follows from it. False: the store is out of reach, a retry is armed.
Task<bool> DashboardEvents::Impl::read_once(std::shared_ptr<Follower> follower) {
    ++stats.reads;
    auto& home = home_of(follower->user);
    const auto wanted = follower->waiting.any_asked() ? listed_businesses : 0;
    follower->waiting.begin_read();
    follower->resuming_in_read.swap(follower->resuming);
    const auto after = follower->read_after();
    const auto told = follower->head;
    auto state = co_await store.tenant_state(follower->user, after, wanted);
    // Everybody left meanwhile; whoever came since has a follower of its own, which may be further already.
    if (home.stopped || follower->sockets == 0) co_return false;
    if (state) {
        follower->backoff = first_retry;
        // Read once, reached or not: a version whose commit was lost, or that somebody made up, must not keep
        // us reading. What was told meanwhile still counts.
        if (follower->head == told) follower->head = 0;
        if (failing.exchange(false)) log::info("dashboard events: the database answers again");
        deliver(home, *follower, *state, after);
    } else {
        refuse_resuming(*follower);
        fail(*follower, state.error().message);
    }
    stats.unanswered_requests += follower->waiting.put_back();
    co_return state.has_value();
}

void DashboardEvents::Impl::deliver(Home& home, Follower& follower, const store::TenantState& state,
                                    std::optional<Version> after) {
    if (!state.complete && after == follower.feed.position())
        log::warn("dashboard events: the change log of {} no longer reaches back to version {}",
                  follower.user.to_string(), follower.feed.position().value_or(0));
    kpis.remember(follower.user, state.kpis);
    emit(follower, follower.feed.apply(state, home.shard.clock().now()));
    follower.more = state.more;
    serve_resuming(follower, state, after);
    if (!state.more) serve_waiting(follower, state);
    if (const auto due = follower.feed.next_due()) follower.due.arm(*due - home.shard.clock().now());
}

// The room has been sent all up to this state and nothing after it: here their live events begin.
void DashboardEvents::Impl::serve_resuming(Follower& follower, const store::TenantState& state,
                                           std::optional<Version> after) {
    for (auto& one : std::exchange(follower.resuming_in_read, {})) {
        const bool from_ahead =
            one.seen.changes > state.kpis.version;  // of a database that was restored since
        if (!from_ahead && state.complete && !state.more) {
            follower.feed.sent_state(state.kpis.version);  // what still waits must not come below it
            one.done(replay(state, one.seen));
        } else if (from_ahead || one.after() == after) {
            one.done(std::nullopt);
        } else {
            follower.resuming.push_back(std::move(one));  // another's changes stand in its way
        }
    }
}

void DashboardEvents::Impl::refuse_resuming(Follower& follower) {
    for (const auto& one : std::exchange(follower.resuming_in_read, {})) one.done(std::nullopt);
}

Task<> DashboardEvents::Impl::find_beginning(UserId user, std::function<void(std::optional<Seen>)> done) {
    std::vector<UserId> users{user};
    auto versions = co_await store.versions(std::move(users));
    if (!versions) {
        done(std::nullopt);
    } else {
        const Version version = versions->empty() ? 0 : versions->front().second;
        done(Seen{version, version});
    }
}

// Those who asked for the state get it after the changes that lead to it, so their versions only grow.
void DashboardEvents::Impl::serve_waiting(Follower& follower, const store::TenantState& state) {
    if (!follower.waiting.any_in_read()) return;
    const auto time = timestamp();
    const auto offset = follower.offset();
    follower.feed.sent_state(state.kpis.version);
    const socketio::Args update({kpi_payload(kpis_of(state.kpis), state.kpis.version, time)});
    std::optional<socketio::Args> reconnected;  // the same for all who asked
    for (const auto& [socket_id, wishes] : follower.waiting.take_served()) {
        if (wishes.update) nsp.local().to(socket_id).at(offset).emit("kpi:update", update);
        if (!wishes.reconnect) continue;
        if (!reconnected) reconnected.emplace(boost::json::array{state_payload(state, time)});
        nsp.local().to(socket_id).at(offset).emit("reconnected", *reconnected);
        for (const auto& ack : wishes.acks) ack(*reconnected);
    }
}

void DashboardEvents::Impl::emit(const Follower& follower, const std::vector<Event>& events) {
    if (events.empty()) return;
    const auto time = timestamp();
    // Every node follows the feed for its own sockets, so nothing is said to other nodes.
    for (const auto& event : events)
        nsp.local()
            .to(follower.room)
            .at(to_offset(follower.user, event.seen))
            .emit(event_name(event), socketio::Args({event_payload(event, time)}));
    stats.emitted += events.size();
}

void DashboardEvents::Impl::emit_due(Home& home, UserId user) {
    const auto it = home.followers.find(user);
    if (it == home.followers.end()) return;
    auto& follower = *it->second;
    const auto now = home.shard.clock().now();
    emit(follower, follower.feed.take_due(now));
    if (const auto due = follower.feed.next_due()) follower.due.arm(*due - now);
}

// Said once, until the database answers again; each follower comes back by itself.
void DashboardEvents::Impl::fail(Follower& follower, const std::string& why) {
    ++stats.read_failures;
    if (!failing.exchange(true)) log::error("dashboard events: cannot read the change log: {}", why);
    follower.retry.arm(follower.backoff);
    follower.backoff = std::min(follower.backoff * 2, last_retry);
}

// Finds what lost wake-ups left behind, for the tenants followed here.
Task<> DashboardEvents::Impl::sweep(Home& home) {
    std::vector<UserId> users;
    for (const auto& [user, follower] : home.followers) users.push_back(user);
    auto versions = co_await store.versions(std::move(users));
    home.sweeping = false;
    if (home.stopped) co_return;
    if (!versions) {
        ++stats.read_failures;  // the followers say it in the log, if it lasts
    } else {
        for (const auto& [user, version] : *versions) {
            const auto it = home.followers.find(user);
            if (it == home.followers.end()) continue;
            it->second->head = std::max(it->second->head, version);
            read_if_wanted(home, it->second);
        }
    }
    arm_sweep(home);
}

void DashboardEvents::Impl::arm_sweep(Home& home) {
    if (home.followers.empty() || home.sweeping || home.stopped) return;
    if (!home.sweep)
        home.sweep = std::make_unique<net::Timer>(home.shard.timers(), [this, &home] {
            if (home.followers.empty()) return;
            home.sweeping = true;
            spawn(home, sweep(home));
        });
    if (!home.sweep->armed()) home.sweep->arm(sweep_every);
}

DashboardEvents::DashboardEvents(net::ShardPool& shards, store::Store& store, KpiService& kpis,
                                 socketio::Namespace& nsp, Duration gap)
    : impl_(std::make_shared<Impl>(shards, store, kpis, nsp, gap)) {}

DashboardEvents::~DashboardEvents() = default;

void DashboardEvents::on_change(const std::vector<std::pair<UserId, Version>>& changes) {
    for (const auto& [user, version] : changes) impl_->kpis.invalidate(user, version);
    for (const auto& [user, version] : changes) {
        if (!impl_->nsp.has_members(room(user))) continue;
        ++impl_->stats.wakeups;
        impl_->at_home(user, [impl = impl_, user, version](Impl::Home& home) {
            const auto it = home.followers.find(user);
            if (it == home.followers.end()) return;
            it->second->head = std::max(it->second->head, version);
            impl->read_if_wanted(home, it->second);
        });
    }
}

void DashboardEvents::join(UserId user, std::string socket_id) {
    impl_->at_home(user, [impl = impl_, user, id = std::move(socket_id)](Impl::Home& home) {
        auto& follower = impl->follow(home, user);
        ++follower.sockets;
        follower.waiting.joined(id);
        impl->read_if_wanted(home, home.followers[user]);
    });
}

void DashboardEvents::leave(UserId user, std::string socket_id) {
    impl_->at_home(user, [impl = impl_, user, id = std::move(socket_id)](Impl::Home& home) {
        const auto it = home.followers.find(user);
        if (it == home.followers.end()) return;
        it->second->waiting.left(id);
        if (--it->second->sockets > 0) return;
        home.followers.erase(it);
        --impl->stats.followed;
    });
}

void DashboardEvents::begin(UserId user, std::function<void(std::optional<Seen>)> done) {
    impl_->at_home(user, [impl = impl_, user, done = std::move(done)](Impl::Home& home) mutable {
        const auto it = home.followers.find(user);
        // It may be behind the database: then the session begins a little earlier.
        if (it != home.followers.end() && it->second->feed.position()) return done(it->second->feed.seen());
        // Nobody waits at the door for a database that is away.
        if (!impl->store.hears_changes()) return done(std::nullopt);
        impl->spawn(home, impl->find_beginning(user, std::move(done)));
    });
}

void DashboardEvents::resume(UserId user, Seen seen,
                             std::function<void(std::optional<std::vector<Event>>)> done) {
    impl_->at_home(user, [impl = impl_, user, seen, done = std::move(done)](Impl::Home& home) mutable {
        auto& follower = impl->follow(home, user);
        ++follower.sockets;
        // While the store is out of reach nobody waits for it: a newcomer is sent the state when it is back.
        if (follower.retry.armed()) return done(std::nullopt);
        follower.resuming.push_back({seen, std::move(done)});
        impl->read_if_wanted(home, home.followers[user]);
    });
}

void DashboardEvents::rejoin(UserId user) {
    impl_->at_home(user, [impl = impl_, user](Impl::Home& home) { ++impl->follow(home, user).sockets; });
}

void DashboardEvents::release(UserId user) { leave(user, {}); }

void DashboardEvents::request_state(UserId user, std::string socket_id, socketio::Ack ack) {
    impl_->at_home(user, [impl = impl_, user, id = std::move(socket_id),
                          ack = std::move(ack)](Impl::Home& home) mutable {
        const auto it = home.followers.find(user);
        if (it == home.followers.end()) return;
        if (!it->second->waiting.asked(id, std::move(ack))) ++impl->stats.unanswered_requests;
        impl->read_if_wanted(home, it->second);
    });
}

void DashboardEvents::stop() {
    impl_->shards.run_on_each([this](net::Shard& shard) {
        auto& home = *impl_->homes[shard.id()];
        home.stopped = true;
        home.followers.clear();
        home.sweep.reset();
    });
    std::unique_lock lock(impl_->running_mutex);
    impl_->none_running.wait(lock, [this] { return impl_->running == 0; });
}

const EventStats& DashboardEvents::stats() const { return impl_->stats; }

}  // namespace pulse::dashboard
