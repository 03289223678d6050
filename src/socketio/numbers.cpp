#include "socketio/numbers.hpp"

#include <algorithm>
#include <numeric>

#include "socketio/namespace_registry.hpp"
#include "socketio/server.hpp"
#include "socketio/shared.hpp"

namespace pulse::socketio {
namespace {

template <class Counters, class Numbers>
void copy(const Counters& from, Numbers& to) {
    static_assert(std::extent_v<Counters> == std::tuple_size_v<Numbers>);
    std::transform(std::begin(from), std::end(from), to.begin(),
                   [](const auto& counter) { return counter.load(std::memory_order_relaxed); });
}

}  // namespace

std::uint64_t sum(const std::array<std::uint64_t, packet_types>& by_type) {
    return std::accumulate(by_type.begin(), by_type.end(), std::uint64_t(0));
}

Numbers numbers_of(Shared& shared, const NamespaceRegistry& namespaces, const engineio::Server& engine) {
    Numbers now;
    const engineio::Stats& sessions = engine.stats();
    now.connections = sessions.open;
    now.websockets = sessions.open_websocket;
    now.connections_opened = sessions.opened;
    now.upgrades = sessions.upgrades;
    copy(sessions.closed, now.connections_closed);
    now.messages_in = sessions.messages_in;
    now.messages_out = sessions.messages_out;
    now.bytes_in = sessions.bytes_in;
    now.bytes_out = sessions.bytes_out;
    now.queues = engine.queues();

    const Stats& sockets = shared.stats;
    now.sockets = sockets.connected;
    now.sockets_connected = sockets.connects;
    now.sockets_refused = sockets.refused;
    copy(sockets.disconnects, now.sockets_disconnected);
    copy(sockets.packets_in, now.packets_in);
    copy(sockets.packets_out, now.packets_out);
    now.invalid_packets = sockets.invalid_packets;
    now.broadcasts = sockets.broadcasts;
    now.volatile_dropped = sockets.volatile_dropped;
    for (auto& name : namespaces.names()) {
        const auto nsp = namespaces.find(name);  // a dynamic one may be gone meanwhile
        if (nsp) now.namespaces.push_back({std::move(name), nsp->size(), nsp->room_count()});
    }

    now.encode = shared.timings.encode.snapshot();
    now.delivery = shared.timings.delivery.snapshot();
    for (unsigned shard = 0; shard < shared.shards.size(); ++shard) {
        now.loop_lag.push_back(shared.shards[net::ShardId(shard)].worst_lag());
    }
    return now;
}

}  // namespace pulse::socketio
