#pragma once
// Which shards have members of a room, so that a broadcast is posted only where somebody listens. Any
// thread; a shard writes only its own bit.
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "net/shard.hpp"
#include "socketio/room_key.hpp"

namespace pulse::socketio {

class RoomDirectory {
public:
    using Shards = std::uint64_t;  // bit n: shard n

    // Told when a room gets its first shard or loses its last, under the room's lock.
    using Presence = std::function<void(std::string_view room, bool present)>;
    explicit RoomDirectory(Presence presence = nullptr) : presence_(std::move(presence)) {}

    void set(net::ShardId shard, std::string_view room, bool present);
    Shards shards_of(std::string_view room) const;
    std::size_t size() const;  // rooms that have members

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const std::string& room) const { return RoomKey(room).hash; }
        std::size_t operator()(const RoomKey& room) const { return room.hash; }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const std::string& a, const std::string& b) const { return a == b; }
        bool operator()(const RoomKey& a, const std::string& b) const { return a.name == b; }
        bool operator()(const std::string& a, const RoomKey& b) const { return a == b.name; }
    };
    // Striped by name, so that shards whose sockets come and go do not wait for each other.
    struct alignas(64) Stripe {
        mutable std::mutex mutex;
        boost::unordered_flat_map<std::string, Shards, Hash, Equal> rooms;
    };
    std::size_t index(const RoomKey& room) const { return (room.hash >> 7) % stripes_.size(); }
    const Presence presence_;
    std::array<Stripe, 16> stripes_;
};

// A socket's id names its shard, as its first character, so that the room every socket has under its own
// id needs no entry here. The other 19 characters are random (114 bits).
std::string make_socket_id(net::ShardId shard);
// The shard that a socket id would be of; nothing (0) if `room` cannot be an id.
RoomDirectory::Shards shard_of_socket_id(std::string_view room, unsigned shard_count);

}  // namespace pulse::socketio
