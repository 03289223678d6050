#include "socketio/rooms.hpp"

#include <algorithm>

namespace pulse::socketio {

bool Member::in(const Room& room) const {
    return std::any_of(memberships_.begin(), memberships_.end(),
                       [&](const Membership& held) { return held.room == &room; });
}

bool Member::in_any(std::span<Room* const> rooms) const {
    return std::any_of(rooms.begin(), rooms.end(), [&](const Room* room) { return in(*room); });
}

Member::Membership* Member::find(const Room& room) {
    const auto found = std::find_if(memberships_.begin(), memberships_.end(),
                                    [&](const Membership& held) { return held.room == &room; });
    return found == memberships_.end() ? nullptr : &*found;
}

RoomTable::Visit::Visit(RoomTable& table, Room& room, std::span<Room* const> except) : table_(table) {
    kept_.reserve(except.size() + 1);
    kept_.push_back(&room);
    kept_.insert(kept_.end(), except.begin(), except.end());
    for (Room* kept : kept_) ++kept->visits_;
}

RoomTable::Visit::~Visit() {
    for (Room* kept : kept_) table_.end_visit(*kept);
}

void RoomTable::enter(Member& member) {
    if (!member.in(everyone_)) seat(member, everyone_);
}

void RoomTable::join(Member& member, std::string_view name, Listing listing) {
    const RoomKey key(name);
    auto found = rooms_.find(key);
    if (found == rooms_.end()) found = rooms_.insert(std::make_unique<Room>(key)).first;
    Room& room = **found;
    if (!member.in(room)) seat(member, room);
    if (listing == Listing::listed && !room.listed_) {
        room.listed_ = true;
        presence_(name, true);
    }
}

void RoomTable::leave(Member& member, std::string_view name) {
    Room* room = find(name);
    if (!room) return;
    if (const auto* held = member.find(*room)) unseat(member, std::size_t(held - member.memberships_.data()));
}

void RoomTable::leave_all(Member& member) {
    while (!member.memberships_.empty()) unseat(member, member.memberships_.size() - 1);
}

Room* RoomTable::find(std::string_view name) {
    const auto found = rooms_.find(RoomKey(name));
    return found == rooms_.end() ? nullptr : found->get();
}

std::vector<std::string> RoomTable::rooms_of(const Member& member) const {
    std::vector<std::string> names;
    for (const auto& held : member.memberships_) {
        if (held.room->named_) names.push_back(held.room->name_);
    }
    return names;
}

std::vector<std::string> RoomTable::names() const {
    std::vector<std::string> names;
    names.reserve(rooms_.size());
    for (const auto& room : rooms_) {
        if (room->size() > 0) names.push_back(room->name_);
    }
    return names;
}

std::size_t RoomTable::rooms_of_count(const Member& member) const {
    return member.memberships_.size() - (member.in(everyone_) ? 1 : 0);
}

std::vector<Member*> RoomTable::collect(std::span<Room* const> rooms, std::span<Room* const> except) {
    std::vector<Member*> members;
    ++collections_;
    for (const Room* room : rooms) {
        for (const auto& seat : room->seats_) {
            if (!seat.member || seat.member->collected_in_ == collections_) continue;
            seat.member->collected_in_ = collections_;
            if (!seat.member->in_any(except)) members.push_back(seat.member);
        }
    }
    return members;
}

void RoomTable::seat(Member& member, Room& room) {
    room.seats_.push_back({&member, std::uint32_t(member.memberships_.size())});
    member.memberships_.push_back({&room, std::uint32_t(room.seats_.size() - 1)});
}

void RoomTable::unseat(Member& member, std::size_t membership) {
    const Member::Membership held = member.memberships_[membership];
    const Member::Membership last = member.memberships_.back();
    member.memberships_[membership] = last;
    last.room->seats_[last.seat].membership = std::uint32_t(membership);
    member.memberships_.pop_back();

    Room& room = *held.room;
    room.seats_[held.seat].member = nullptr;
    ++room.empty_seats_;
    if (room.visits_ == 0) {
        const Room::Seat moved = room.seats_.back();
        room.seats_[held.seat] = moved;
        if (moved.member) moved.member->memberships_[moved.membership].seat = held.seat;
        room.seats_.pop_back();
        --room.empty_seats_;
    }
    drop_if_empty(room);
}

void RoomTable::end_visit(Room& room) {
    if (--room.visits_ > 0) return;
    close_up(room);
    drop_if_empty(room);
}

void RoomTable::close_up(Room& room) {
    for (std::size_t i = 0; room.empty_seats_ > 0; ++i) {
        while (room.empty_seats_ > 0 && !room.seats_.back().member) {
            room.seats_.pop_back();
            --room.empty_seats_;
        }
        if (room.empty_seats_ == 0) return;
        if (room.seats_[i].member) continue;
        room.seats_[i] = room.seats_.back();
        room.seats_.pop_back();
        --room.empty_seats_;
        room.seats_[i].member->memberships_[room.seats_[i].membership].seat = std::uint32_t(i);
    }
}

void RoomTable::drop_if_empty(Room& room) {
    if (room.size() > 0 || !room.named_) return;
    if (room.listed_) {
        room.listed_ = false;
        presence_(room.name_, false);
    }
    if (room.visits_ == 0) rooms_.erase(rooms_.find(RoomKey(room.name_)));
}

}  // namespace pulse::socketio
