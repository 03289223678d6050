#pragma once
// Somebody who watches every socket of a server (admin/admin.hpp). Told on the socket's shard, while
// watching() only; must not throw, and may emit to sockets of a namespace of its own.
#include <atomic>
#include <boost/json/value.hpp>
#include <string_view>

#include "socketio/socket.hpp"

namespace pulse::socketio {

class SocketImpl;
struct Outgoing;

class Monitor {
public:
    virtual ~Monitor() = default;
    bool watching() const { return watching_.load(std::memory_order_relaxed); }

    virtual void connected(SocketImpl& socket) = 0;
    virtual void disconnected(SocketImpl& socket, DisconnectReason reason) = 0;
    virtual void upgraded(SocketImpl& socket) = 0;  // to a websocket
    virtual void joined(SocketImpl& socket, std::string_view room) = 0;
    virtual void left(SocketImpl& socket, std::string_view room) = 0;
    virtual void received(SocketImpl& socket, std::string_view event, const Args& args) = 0;
    virtual void sent(SocketImpl& socket, const Outgoing& packet) = 0;
    // Adds what it wants to know to the data that other nodes, and this one, are told of a socket. Always.
    virtual void annotate(SocketImpl& socket, boost::json::value& data) = 0;
    // The server ends: it is not to be asked for anything any more.
    virtual void stop() = 0;

protected:
    std::atomic<bool> watching_{false};
};

}  // namespace pulse::socketio
