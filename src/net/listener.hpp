#pragma once
// Listening sockets: where to listen, and accepting on one shard. Every shard has its own socket per
// address (SO_REUSEPORT), so the kernel spreads connections without a lock or a hop.
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/shard.hpp"
#include "net/stream.hpp"

namespace pulse::net {

// File descriptors that listen, closed with the object. One per shard and address.
class ListeningSockets {
public:
    // Binds for `shards` shards. `host` is a name or an address; a name with several addresses listens on
    // each. Port 0 picks a free one.
    static Result<ListeningSockets> open(const std::string& host, std::uint16_t port, unsigned shards);

    ListeningSockets(ListeningSockets&&) noexcept;
    ListeningSockets& operator=(ListeningSockets&&) noexcept = delete;
    ~ListeningSockets();

    std::uint16_t port() const { return port_; }
    struct Handle {
        int descriptor;
        boost::asio::ip::tcp protocol;
    };
    std::vector<Handle> take(ShardId shard);  // what the shard shall accept from; the caller closes them

private:
    ListeningSockets() = default;
    std::vector<std::vector<Handle>> handles_;  // by shard
    std::uint16_t port_ = 0;
};

// Accepts from one listening socket on one shard until stopped or destroyed, there.
class Listener {
public:
    using OnSocket = std::function<void(Socket, std::string peer)>;
    Listener(Shard& home, ListeningSockets::Handle handle, OnSocket on_socket);
    ~Listener();
    Listener(const Listener&) = delete;

    // Takes what already waits, then closes.
    void stop();

private:
    struct Core;  // shared with the pending wait
    std::shared_ptr<Core> core_;
};

}  // namespace pulse::net
