#pragma once
// A TCP connection's bytes. Reading is a readiness wait and a recv() into the shard's one buffer; writing
// is one gathered send, at once, and a readiness wait only when the kernel is full. Lives on one shard.
#include <sys/uio.h>

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "net/shard.hpp"

namespace pulse::net {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// An address as text, an IPv4 one as such even if it came in over IPv6.
std::string to_text(const boost::asio::ip::address& address);
// The same connection on another shard's loop. Call it on the shard the socket lives on; nothing may be
// pending on it. What goes wrong gives a closed socket.
Socket move_to(Shard& home, Socket socket);

// Told about a stream's events, on the stream's shard. May close the stream from any of them.
class StreamListener {
public:
    virtual ~StreamListener() = default;
    virtual void on_bytes(std::string_view bytes) = 0;  // valid during the call
    virtual void on_end() = 0;                          // the peer finished sending, or the connection broke
    virtual void on_writable() = 0;                     // after write_some() came up short
};

// Shared because Asio's pending waits keep it alive; its owner ends it by close(), after which the listener
// is not called again.
class Stream : public std::enable_shared_from_this<Stream> {
public:
    // Takes a connected socket of this shard and makes it non-blocking, with TCP_NODELAY.
    static std::shared_ptr<Stream> make(Shard& home, Socket socket);

    // The kernel takes no more while so many bytes wait in it that it has not sent (TCP_NOTSENT_LOWAT), so
    // that what is written late is not old when it leaves. Without effect where the kernel cannot do it.
    void limit_unsent(std::size_t bytes);

    void listen(StreamListener& listener);  // who is told; replaces an earlier one
    void start_reading();
    void pause_reading();  // back-pressure: bytes stay in the kernel

    // Sends what the kernel takes without waiting; returns the number of bytes taken, or nullopt if the
    // connection is broken (on_end follows if reading). After a short write on_writable() is called once.
    std::optional<std::size_t> write_some(std::span<const iovec> buffers);

    void shutdown_send();  // FIN after what was written; the peer may still send
    void close();          // the listener hears nothing more
    bool is_open() const { return open_; }
    bool has_unread() const;  // bytes wait in the kernel

    Shard& home() { return home_; }
    std::string peer_address() const;
    // Gives the socket up, for an owner of another kind or another shard; the stream is closed then.
    Socket release();

private:
    Stream(Shard& home, Socket socket);
    void wait_readable();
    void wait_writable();
    void on_readable(const boost::system::error_code& error);

    Shard& home_;
    Socket socket_;
    StreamListener* listener_ = nullptr;
    bool open_ = true;
    bool reading_ = false;
    bool ended_ = false;
    bool read_waiting_ = false;
    bool write_waiting_ = false;
};

}  // namespace pulse::net
