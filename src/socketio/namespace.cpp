#include "socketio/namespace.hpp"

#include <utility>

#include "base/promise.hpp"
#include "socketio/awaited_acks.hpp"

namespace pulse::socketio {

BroadcastOperator BroadcastOperator::to(std::string_view room) const& {
    return BroadcastOperator(*this).to(room);
}

BroadcastOperator BroadcastOperator::except(std::string_view room) const& {
    return BroadcastOperator(*this).except(room);
}

BroadcastOperator BroadcastOperator::local() const& { return BroadcastOperator(*this).local(); }

BroadcastOperator BroadcastOperator::volatile_() const& { return BroadcastOperator(*this).volatile_(); }

BroadcastOperator BroadcastOperator::compress(bool compress) const& {
    return BroadcastOperator(*this).compress(compress);
}

BroadcastOperator BroadcastOperator::compress(bool compress) && {
    target_.compress = compress;
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::timeout(Duration timeout) const& {
    return BroadcastOperator(*this).timeout(timeout);
}

BroadcastOperator BroadcastOperator::conflate(std::string_view key) const& {
    return BroadcastOperator(*this).conflate(key);
}

BroadcastOperator BroadcastOperator::retain(std::string_view key) const& {
    return BroadcastOperator(*this).retain(key);
}

BroadcastOperator BroadcastOperator::to(std::string_view room) && {
    target_.rooms.emplace_back(room);
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::except(std::string_view room) && {
    target_.except.emplace_back(room);
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::local() && {
    target_.scope = Scope::this_node;
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::volatile_() && {
    target_.delivery = Delivery::may_drop;
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::timeout(Duration timeout) && {
    timeout_ = timeout;
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::conflate(std::string_view key) && {
    target_.delivery = Delivery::newest;
    if (!key.empty()) target_.key = key;
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::retain(std::string_view key) && {
    target_.retain = true;
    if (!key.empty()) target_.key = key;
    return std::move(*this);
}

BroadcastOperator BroadcastOperator::at(std::string_view offset) const& {
    return BroadcastOperator(*this).at(offset);
}

BroadcastOperator BroadcastOperator::at(std::string_view offset) && {
    target_.offset = offset;
    return std::move(*this);
}

void BroadcastOperator::emit(std::string_view event, const Args& args) const {
    nsp_->broadcast(target_, event, args);
}

void BroadcastOperator::emit_with_ack(std::string_view event, const Args& args, Duration timeout,
                                      std::function<void(std::vector<Args>, std::size_t)> done) const {
    nsp_->broadcast_with_ack(target_, event, args, timeout, std::move(done));
}

void BroadcastOperator::forget(std::string_view key) const { nsp_->forget(target_, key); }

void BroadcastOperator::forget_all() const { nsp_->forget(target_, std::nullopt); }

void BroadcastOperator::sockets_join(std::string_view room) const { nsp_->sockets_join(target_, room); }

void BroadcastOperator::sockets_leave(std::string_view room) const { nsp_->sockets_leave(target_, room); }

void BroadcastOperator::disconnect_sockets(bool close) const { nsp_->disconnect_sockets(target_, close); }

void BroadcastOperator::fetch_sockets(std::function<void(FetchedSockets)> done) const {
    nsp_->fetch_sockets(target_, std::move(done));
}

// By copies: the coroutine begins when it is awaited, and what it was called with may be gone then.
Task<BroadcastAnswers> BroadcastOperator::emit_with_ack(std::string event, Args args) const {
    return awaited<BroadcastAnswers>(
        [chosen = *this, event = std::move(event), args = std::move(args)](const auto& done) {
            chosen.emit_with_ack(event, args, [done](std::vector<Args> answers, std::size_t asked) {
                done({std::move(answers), asked});
            });
        });
}

Task<ServerSideAnswers> Namespace::server_side_emit_with_ack(std::string event, Args args) {
    return awaited<ServerSideAnswers>(
        [this, event = std::move(event), args = std::move(args)](const auto& done) {
            server_side_emit_with_ack(event, args, done);
        });
}

Task<FetchedSockets> BroadcastOperator::fetch_sockets() const {
    return await_promise<FetchedSockets>([chosen = *this](Promise<FetchedSockets> promise) {
        const auto owed = std::make_shared<Promise<FetchedSockets>>(std::move(promise));
        chosen.fetch_sockets([owed](FetchedSockets sockets) { owed->set(std::move(sockets)); });
    });
}

}  // namespace pulse::socketio
