#pragma once
// A namespace's sockets on one shard. Touched only there.
#include <memory>
#include <vector>

#include "socketio/namespace.hpp"
#include "socketio/outgoing.hpp"
#include "socketio/retained.hpp"
#include "socketio/rooms.hpp"

namespace pulse::socketio {

class SocketImpl;
struct Shared;

class LocalNamespace {
public:
    explicit LocalNamespace(RoomTable::Presence presence) : rooms_(std::move(presence)) {}

    RoomTable& rooms() { return rooms_; }
    // Queues the packet for each socket that the target names; returns for how many.
    std::size_t deliver(const Target& target, const Outgoing& packet, Delivery delivery);
    // The same for an event that is to be retained; nothing if there is a newer one of its key.
    std::size_t retain(const Target& target, std::string_view key, const Outgoing& packet, Delivery delivery,
                       std::uint64_t version, Shared& shared);
    void forget(const Target& target, std::optional<std::string_view> key, std::uint64_t version);
    const RetainedValues* retained() const { return retained_.get(); }
    // The sockets that the target names, held, so that whatever is done with one leaves the others valid.
    std::vector<std::shared_ptr<SocketImpl>> select(const Target& target);

private:
    using RoomList = boost::container::small_vector<Room*, 4>;
    RoomList find_all(const std::vector<std::string>& names);
    RoomTable rooms_;
    std::unique_ptr<RetainedValues> retained_;  // once something was
};

}  // namespace pulse::socketio
