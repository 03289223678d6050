#pragma once
// A namespace: who may join it, what happens then, and how to reach its sockets. Emitting is for any
// thread; what one thread emits reaches the sockets of each shard in that order. Middleware and connection
// handlers are set before traffic starts.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/socket.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

// Who gets a broadcast, and how.
struct Target {
    std::vector<std::string> rooms;   // union; none: everybody
    std::vector<std::string> except;  // whoever is in one of these gets nothing
    Delivery delivery = Delivery::reliable;
};

// Chooses who gets a broadcast; a value, cheap to copy.
class BroadcastOperator {
public:
    explicit BroadcastOperator(Namespace& nsp) : nsp_(&nsp) {}
    BroadcastOperator to(std::string_view room) const&;  // union of rooms; none: everybody
    BroadcastOperator except(std::string_view room) const&;
    BroadcastOperator volatile_() const&;
    // In a chain each one goes on with the rooms of the one before, instead of a copy of them.
    BroadcastOperator to(std::string_view room) &&;
    BroadcastOperator except(std::string_view room) &&;
    BroadcastOperator volatile_() &&;

    void emit(std::string_view event, const Args& args) const;  // throws as Socket::emit
    // Calls `done` (on some shard) with the answers that came in time, and how many sockets were asked.
    void emit_with_ack(std::string_view event, const Args& args, Duration timeout,
                       std::function<void(std::vector<Args>, std::size_t asked)> done) const;
    void sockets_join(std::string_view room) const;
    void sockets_leave(std::string_view room) const;
    void disconnect_sockets(bool close = false) const;

private:
    Namespace* nsp_;
    Target target_;
};

class Namespace {
public:
    using Middleware = std::function<void(Socket&, Next)>;

    virtual ~Namespace() = default;
    virtual const std::string& name() const = 0;
    // Run in order for each CONNECT, before the socket is connected.
    virtual void use(Middleware middleware) = 0;
    virtual void on_connection(std::function<void(Socket&)> handler) = 0;

    BroadcastOperator to(std::string_view room) { return BroadcastOperator(*this).to(room); }
    BroadcastOperator except(std::string_view room) { return BroadcastOperator(*this).except(room); }
    void emit(std::string_view event, const Args& args) { broadcast({}, event, args); }
    // Runs `work` for each socket of the room (empty: the namespace), on each one's shard.
    virtual void for_each(std::string_view room, std::function<void(Socket&)> work) = 0;
    virtual std::size_t size() const = 0;  // connected sockets, over all shards
    // Whether a socket of any shard has joined the room; any thread. The room that every socket is in under
    // its own id does not count: ask for rooms that somebody joined.
    virtual bool has_members(std::string_view room) const = 0;

protected:
    friend class BroadcastOperator;
    virtual void broadcast(const Target& target, std::string_view event, const Args& args) = 0;
    virtual void broadcast_with_ack(const Target& target, std::string_view event, const Args& args,
                                    Duration timeout,
                                    std::function<void(std::vector<Args>, std::size_t)> done) = 0;
    virtual void each_target(const Target& target, std::function<void(Socket&)> work) = 0;
};

}  // namespace pulse::socketio
