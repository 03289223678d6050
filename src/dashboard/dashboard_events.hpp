#pragma once
// From the change feed to the rooms: follows the log of every tenant who has a dashboard open on this node
// and emits what changed to room user:<id>. A tenant nobody watches costs nothing.
//
// Each tenant has one home shard, where its follower lives; wake-ups, newcomers and timers are posted
// there, so a follower takes no lock and one thread emits all of a tenant's events, in order.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
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
