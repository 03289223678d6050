#include "socketio/room_directory.hpp"

#include "base/random.hpp"

namespace pulse::socketio {
namespace {
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t id_bytes = 15;
constexpr std::size_t id_size = 20;
}  // namespace

void RoomDirectory::set(net::ShardId shard, std::string_view room, bool present) {
    const RoomKey key(room);
    Stripe& stripe = stripes_[index(key)];
    const Shards bit = Shards(1) << shard;
    const std::lock_guard lock(stripe.mutex);
    auto found = stripe.rooms.find(key);
    if (present) {
        const bool is_new = found == stripe.rooms.end();
        if (is_new) found = stripe.rooms.emplace(std::string(room), 0).first;
        found->second |= bit;
        if (is_new && presence_) presence_(room, true);
    } else if (found != stripe.rooms.end()) {
        found->second &= ~bit;
        if (found->second != 0) return;
        if (presence_) presence_(room, false);
        stripe.rooms.erase(found);
    }
}

RoomDirectory::Shards RoomDirectory::shards_of(std::string_view room) const {
    const RoomKey key(room);
    const Stripe& stripe = stripes_[index(key)];
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.rooms.find(key);
    return found == stripe.rooms.end() ? 0 : found->second;
}

std::size_t RoomDirectory::size() const {
    std::size_t rooms = 0;
    for (const Stripe& stripe : stripes_) {
        const std::lock_guard lock(stripe.mutex);
        rooms += stripe.rooms.size();
    }
    return rooms;
}

std::string make_socket_id(net::ShardId shard) {
    std::string id = random_base64url(id_bytes);
    id[0] = alphabet[shard % alphabet.size()];
    return id;
}

RoomDirectory::Shards shard_of_socket_id(std::string_view room, unsigned shard_count) {
    if (room.size() != id_size) return 0;
    const auto shard = alphabet.find(room[0]);
    return shard < shard_count ? RoomDirectory::Shards(1) << shard : 0;
}

}  // namespace pulse::socketio
