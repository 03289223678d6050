#include "socketio/user_seats.hpp"

#include <utility>

namespace pulse::socketio {

UserSeat::UserSeat(std::shared_ptr<UserSeats> seats, std::string user)
    : seats_(std::move(seats)), user_(std::move(user)) {}

UserSeat::~UserSeat() { seats_->give_back(user_); }

std::unique_ptr<UserSeat> UserSeats::take(const std::string& user) {
    {
        const std::lock_guard lock(mutex_);
        auto& taken = taken_[user];
        if (taken >= most_) {
            if (taken == 0) taken_.erase(user);
            return nullptr;
        }
        ++taken;
    }
    return std::make_unique<UserSeat>(shared_from_this(), user);
}

std::size_t UserSeats::users() const {
    const std::lock_guard lock(mutex_);
    return taken_.size();
}

void UserSeats::give_back(const std::string& user) {
    const std::lock_guard lock(mutex_);
    const auto taken = taken_.find(user);
    if (--taken->second == 0) taken_.erase(taken);
}

}  // namespace pulse::socketio
