#include "socketio/local_namespace.hpp"

#include "socketio/shared.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {

std::size_t LocalNamespace::deliver(const Target& target, const Outgoing& packet, Delivery delivery) {
    std::size_t delivered = 0;
    if (target.rooms.size() > 1) {
        for (const auto& socket : select(target)) delivered += socket->deliver(packet, delivery);
        return delivered;
    }
    // The usual case walks over the room itself and copies nothing.
    Room* room = target.rooms.empty() ? &rooms_.everyone() : rooms_.find(target.rooms.front());
    if (!room) return 0;
    rooms_.visit(*room, find_all(target.except), [&](Member& member) {
        delivered += static_cast<SocketImpl&>(member).deliver(packet, delivery);
    });
    return delivered;
}

std::size_t LocalNamespace::retain(const Target& target, std::string_view key, const Outgoing& packet,
                                   Delivery delivery, std::uint64_t version, Shared& shared) {
    if (!retained_) {
        const Options& limits = shared.options;
        retained_ = std::make_unique<RetainedValues>(limits.max_retained_values, limits.max_retained_bytes);
    }
    const std::uint64_t evicted = retained_->evicted();
    bool newest = target.rooms.empty() && retained_->set(std::nullopt, key, packet, version);
    for (const auto& room : target.rooms) newest |= retained_->set(room, key, packet, version);
    // Every shard evicts the same: one counts.
    if (shared.shards[0].is_current()) {
        count(shared.stats.retained_evicted, retained_->evicted() - evicted);
    }
    return newest ? deliver(target, packet, delivery) : 0;
}

void LocalNamespace::forget(const Target& target, std::optional<std::string_view> key,
                            std::uint64_t version) {
    if (!retained_) return;
    if (target.rooms.empty()) retained_->forget(std::nullopt, key, version);
    for (const auto& room : target.rooms) retained_->forget(room, key, version);
}

std::vector<std::shared_ptr<SocketImpl>> LocalNamespace::select(const Target& target) {
    RoomList rooms = find_all(target.rooms);
    if (target.rooms.empty()) rooms.push_back(&rooms_.everyone());
    std::vector<std::shared_ptr<SocketImpl>> sockets;
    for (Member* member : rooms_.collect(rooms, find_all(target.except))) {
        sockets.push_back(static_cast<SocketImpl&>(*member).shared_from_this());
    }
    return sockets;
}

LocalNamespace::RoomList LocalNamespace::find_all(const std::vector<std::string>& names) {
    RoomList found;
    for (const auto& name : names) {
        if (Room* room = rooms_.find(name)) found.push_back(room);
    }
    return found;
}

}  // namespace pulse::socketio
