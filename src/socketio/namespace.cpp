#include "socketio/namespace.hpp"

#include <utility>

namespace pulse::socketio {

BroadcastOperator BroadcastOperator::to(std::string_view room) const& {
    return BroadcastOperator(*this).to(room);
}

BroadcastOperator BroadcastOperator::except(std::string_view room) const& {
    return BroadcastOperator(*this).except(room);
}

BroadcastOperator BroadcastOperator::volatile_() const& { return BroadcastOperator(*this).volatile_(); }

BroadcastOperator BroadcastOperator::to(std::string_view room) && {
    target_.rooms.emplace_back(room);
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::except(std::string_view room) && {
    target_.except.emplace_back(room);
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::volatile_() && {
    target_.delivery = Delivery::may_drop;
    return std::move(*this);
}

void BroadcastOperator::emit(std::string_view event, const Args& args) const {
    nsp_->broadcast(target_, event, args);
}

void BroadcastOperator::emit_with_ack(std::string_view event, const Args& args, Duration timeout,
                                      std::function<void(std::vector<Args>, std::size_t)> done) const {
    nsp_->broadcast_with_ack(target_, event, args, timeout, std::move(done));
}

void BroadcastOperator::sockets_join(std::string_view room) const {
    nsp_->each_target(target_, [name = std::string(room)](Socket& socket) { socket.join(name); });
}

void BroadcastOperator::sockets_leave(std::string_view room) const {
    nsp_->each_target(target_, [name = std::string(room)](Socket& socket) { socket.leave(name); });
}

void BroadcastOperator::disconnect_sockets(bool close) const {
    nsp_->each_target(target_, [close](Socket& socket) { socket.disconnect(close); });
}

}  // namespace pulse::socketio
