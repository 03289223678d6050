#include "socketio/local_namespace.hpp"

#include "socketio/socket_impl.hpp"

namespace pulse::socketio {

std::size_t LocalNamespace::deliver(const Target& target, const Outgoing& packet) {
    std::size_t delivered = 0;
    if (target.rooms.size() > 1) {
        for (const auto& socket : select(target)) delivered += socket->deliver(packet, target.delivery);
        return delivered;
    }
    // The usual case walks over the room itself and copies nothing.
    Room* room = target.rooms.empty() ? &rooms_.everyone() : rooms_.find(target.rooms.front());
    if (!room) return 0;
    rooms_.visit(*room, find_all(target.except), [&](Member& member) {
        delivered += static_cast<SocketImpl&>(member).deliver(packet, target.delivery);
    });
    return delivered;
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
