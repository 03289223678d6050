#pragma once
// Which members are in which rooms, for one namespace on one shard. The members of a room lie side by side,
// for broadcasts walk over them; a member knows its seat in each room, so leaving moves one other member
// and searches nothing. While a room is being visited its members may join, leave and vanish: seats are
// emptied then, and closed up when the last visit ends. Pure; touched only on its shard.
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/room_key.hpp"

namespace pulse::socketio {

class Room;

// What can be in rooms; a socket inherits from it. Must have left all rooms before it ends.
class Member {
public:
    bool in(const Room& room) const;
    bool in_any(std::span<Room* const> rooms) const;

protected:
    Member() = default;
    ~Member() = default;
    Member(const Member&) = delete;

private:
    friend class RoomTable;
    friend class Room;
    struct Membership {
        Room* room;
        std::uint32_t seat;
    };
    Membership* find(const Room& room);
    // Three inline: the namespace, the socket's own id, and the one room most applications use.
    boost::container::small_vector<Membership, 3> memberships_;
    std::uint64_t collected_in_ = 0;
};

class Room {
public:
    Room() = default;  // one that no table knows by name
    explicit Room(const RoomKey& key) : name_(key.name), hash_(key.hash), named_(true) {}
    std::size_t size() const { return seats_.size() - empty_seats_; }

private:
    friend class RoomTable;
    friend class Member;
    struct Seat {
        Member* member;
        std::uint32_t membership;  // index in the member's list
    };
    const std::string name_;
    const std::size_t hash_ = 0;
    boost::container::small_vector<Seat, 1> seats_;
    std::uint32_t empty_seats_ = 0;
    std::uint32_t visits_ = 0;  // under way
    const bool named_ = false;  // everyone() is not
    bool listed_ = false;
};

enum class Listing {
    listed,    // others ask for the room by name: presence() is told of it
    unlisted,  // a socket's own room, found through its id
};

class RoomTable {
public:
    // Told when a listed room gets its first member or loses its last.
    using Presence = std::function<void(std::string_view room, bool present)>;
    explicit RoomTable(Presence presence) : presence_(std::move(presence)) {}

    void enter(Member& member);  // the namespace itself: everyone()
    void join(Member& member, std::string_view room, Listing listing = Listing::listed);
    void leave(Member& member, std::string_view room);
    void leave_all(Member& member);  // everyone() too

    Room& everyone() { return everyone_; }
    Room* find(std::string_view room);
    std::vector<std::string> rooms_of(const Member& member) const;
    std::vector<std::string> names() const;
    std::size_t rooms_of_count(const Member& member) const;
    std::size_t room_count() const { return rooms_.size(); }

    // Calls visitor(Member&) for each member the room has now, skipping those who left meanwhile and those in
    // one of `except`. `visitor` may change anything.
    template <class Visitor>
    void visit(Room& room, std::span<Room* const> except, Visitor&& visitor);
    // Each member of any of the rooms once, without those in one of `except`.
    std::vector<Member*> collect(std::span<Room* const> rooms, std::span<Room* const> except);

private:
    // The table is the hot half of a look-up, so it holds no more than a pointer for each room, which knows
    // its name and the hash of it.
    using RoomPtr = std::unique_ptr<Room>;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const RoomPtr& room) const { return room->hash_; }
        std::size_t operator()(const RoomKey& room) const { return room.hash; }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const RoomPtr& a, const RoomPtr& b) const { return a->name_ == b->name_; }
        bool operator()(const RoomKey& a, const RoomPtr& b) const { return a.name == b->name_; }
        bool operator()(const RoomPtr& a, const RoomKey& b) const { return a->name_ == b.name; }
    };
    using Rooms = boost::unordered_flat_set<RoomPtr, Hash, Equal>;

    // Keeps rooms, and the numbers of their seats, while one of them is visited.
    class Visit {
    public:
        Visit(RoomTable& table, Room& room, std::span<Room* const> except);
        ~Visit();
        Visit(const Visit&) = delete;
        std::span<Room* const> except() const { return {kept_.data() + 1, kept_.size() - 1}; }

    private:
        RoomTable& table_;
        boost::container::small_vector<Room*, 4> kept_;
    };

    void seat(Member& member, Room& room);
    void unseat(Member& member, std::size_t membership);
    void end_visit(Room& room);
    void close_up(Room& room);
    void drop_if_empty(Room& room);

    Rooms rooms_;
    Room everyone_;
    Presence presence_;
    std::uint64_t collections_ = 0;
};

template <class Visitor>
void RoomTable::visit(Room& room, std::span<Room* const> except, Visitor&& visitor) {
    const Visit here(*this, room, except);
    const std::size_t seats = room.seats_.size();  // who joins during the visit is not visited
    for (std::size_t i = 0; i < seats; ++i) {
        Member* member = room.seats_[i].member;
        if (member && !member->in_any(here.except())) visitor(*member);
    }
}

}  // namespace pulse::socketio
