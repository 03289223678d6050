#pragma once
// From the change feed to the rooms: follows the log of every tenant who has a dashboard open on this node
// and emits what changed to room user:<id>. A tenant nobody watches costs nothing.
//
// Each tenant has one home shard, where its follower lives; wake-ups, newcomers and timers are posted
// there, so a follower takes no lock and one thread emits all of a tenant's events, in order.
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "dashboard/tenant_feed.hpp"
#include "net/shard.hpp"
#include "socketio/server.hpp"
#include "store/store.hpp"

namespace pulse::dashboard {

class KpiService;

struct EventStats {  // since the start; any thread may read
    std::atomic<std::uint64_t> wakeups{0};
    std::atomic<std::uint64_t> reads{0};
    std::atomic<std::uint64_t> read_failures{0};
    std::atomic<std::uint64_t> emitted{0};
    std::atomic<std::uint64_t> unanswered_requests{0};  // acknowledgements beyond a socket's bound
    std::atomic<std::uint64_t> followed{0};             // tenants, now
};

class DashboardEvents {
public:
    // All outlive the events. `gap` is KPI_COALESCE_MS.
    DashboardEvents(net::ShardPool& shards, store::Store& store, KpiService& kpis, socketio::Namespace& nsp,
                    Duration gap);
    ~DashboardEvents();  // after stop()

    static std::string room(UserId user) { return "user:" + user.to_string(); }

    // The store's OnChange: any thread. Caches are invalidated before this returns.
    void on_change(const std::vector<std::pair<UserId, store::Version>>& changes);

    // A socket joined the tenant's room: it is sent the current state, then what changes. One leave() for
    // each join(); any shard.
    void join(UserId user, std::string socket_id);
    void leave(UserId user, std::string socket_id);

    // For recovery (dashboard_recovery.hpp); any shard.
    // Where a newcomer's session begins; nullopt if the store is out of reach. `done` is called on some
    // shard.
    void begin(UserId user, std::function<void(std::optional<Seen>)> done);
    // Calls `done` with what came after `seen`, on the tenant's shard between two of its events: a socket
    // that joined the room before, and is connected by what `done` posts, gets each of them once. nullopt:
    // the log does not tell. Counts as a socket until release().
    void resume(UserId user, Seen seen, std::function<void(std::optional<std::vector<Event>>)> done);
    void release(UserId user);
    // A socket joined that was sent its events by resume(), in the place of join().
    void rejoin(UserId user);

    // Sends `reconnected` to the socket and gives the same object to `ack` if there is one. Of what one
    // socket asks before it is served, only the first WaitingSockets::max_acks are answered by `ack`.
    void request_state(UserId user, std::string socket_id, socketio::Ack ack);

    // Ends following and waits for what is being read; call while the shards run, not on one.
    void stop();
    const EventStats& stats() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace pulse::dashboard
