#include "socketio/namespace.hpp"

namespace pulse::socketio {

BroadcastOperator BroadcastOperator::to(std::string_view room) const {
    BroadcastOperator wider = *this;
    wider.target_.rooms.emplace_back(room);
    return wider;
}

BroadcastOperator BroadcastOperator::except(std::string_view room) const {
    BroadcastOperator narrower = *this;
    narrower.target_.except.emplace_back(room);
    return narrower;
}

BroadcastOperator BroadcastOperator::volatile_() const {
    BroadcastOperator droppable = *this;
    droppable.target_.delivery = Delivery::may_drop;
    return droppable;
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
