#pragma once
// How many sockets of a namespace each user has, over all shards. Any thread.
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace pulse::socketio {

class UserSeats;

// A place among a user's sockets, given back when this ends.
class UserSeat {
public:
    UserSeat(std::shared_ptr<UserSeats> seats, std::string user);
    ~UserSeat();
    UserSeat(const UserSeat&) = delete;

private:
    const std::shared_ptr<UserSeats> seats_;
    const std::string user_;
};

class UserSeats : public std::enable_shared_from_this<UserSeats> {
public:
    explicit UserSeats(std::size_t most) : most_(most) {}
    // nullptr: the user has as many as there may be.
    std::unique_ptr<UserSeat> take(const std::string& user);
    std::size_t users() const;  // who have a socket

private:
    friend class UserSeat;
    void give_back(const std::string& user);

    const std::size_t most_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::size_t> taken_;
};

}  // namespace pulse::socketio
