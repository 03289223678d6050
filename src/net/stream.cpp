#include "net/stream.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace pulse::net {
namespace {

// How often one readiness may fill the whole read buffer before other connections get their turn.
constexpr int reads_per_turn = 4;
constexpr std::size_t most_buffers = 1024;  // Linux's IOV_MAX

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

std::string to_text(const boost::asio::ip::address& address) {
    // A dual-stack socket shows IPv4 peers as ::ffff:1.2.3.4.
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_string();
    }
    return address.to_string();
}

std::shared_ptr<Stream> Stream::make(Shard& home, Socket socket) {
    return std::shared_ptr<Stream>(new Stream(home, std::move(socket)));
}

Stream::Stream(Shard& home, Socket socket) : home_(home), socket_(std::move(socket)) {
    boost::system::error_code ignored;  // a socket that is broken already says so when read
    socket_.non_blocking(true, ignored);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

void Stream::limit_unsent(std::size_t bytes) {
    const int most = int(std::min<std::size_t>(bytes, INT_MAX));
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
}

void Stream::listen(StreamListener& listener) { listener_ = &listener; }

void Stream::start_reading() {
    if (!open_ || ended_) return;
    reading_ = true;
    if (!read_waiting_) wait_readable();
}

void Stream::pause_reading() { reading_ = false; }

void Stream::wait_readable() {
    read_waiting_ = true;
    socket_.async_wait(
        Socket::wait_read,
        [self = shared_from_this()](const boost::system::error_code& error) { self->on_readable(error); });
}

void Stream::on_readable(const boost::system::error_code& error) {
    read_waiting_ = false;
    if (!open_ || !reading_ || error == boost::asio::error::operation_aborted) return;
    const auto buffer = home_.read_buffer();
    for (int turn = 0; turn < reads_per_turn; ++turn) {
        const ssize_t got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got > 0) {
            if (listener_) listener_->on_bytes({buffer.data(), std::size_t(got)});
            if (!open_ || !reading_) return;
            // Less than asked for means the kernel has no more: asking again would only say EAGAIN.
            if (std::size_t(got) < buffer.size()) break;
            continue;
        }
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && would_block()) break;
        reading_ = false;
        ended_ = true;
        if (listener_) listener_->on_end();
        return;
    }
    if (!read_waiting_) wait_readable();
}

std::optional<std::size_t> Stream::write_some(std::span<const iovec> buffers) {
    if (!open_) return std::nullopt;
    std::size_t total = 0;
    while (!buffers.empty()) {
        const auto batch = buffers.first(std::min(buffers.size(), most_buffers));
        std::size_t size = 0;
        for (const iovec& buffer : batch) size += buffer.iov_len;
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(batch.data());
        message.msg_iovlen = batch.size();
        ssize_t sent = 0;
        do {
            sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        } while (sent < 0 && errno == EINTR);
        if (sent < 0 && !would_block()) return std::nullopt;
        if (sent > 0) total += std::size_t(sent);
        if (sent < 0 || std::size_t(sent) < size) {
            if (!write_waiting_) wait_writable();
            break;
        }
        buffers = buffers.subspan(batch.size());
    }
    return total;
}

void Stream::wait_writable() {
    write_waiting_ = true;
    socket_.async_wait(Socket::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           self->write_waiting_ = false;
                           if (!self->open_ || error == boost::asio::error::operation_aborted) return;
                           if (self->listener_) self->listener_->on_writable();
                       });
}

void Stream::shutdown_send() {
    boost::system::error_code ignored;
    if (open_) socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
    if (!open_) return;
    open_ = false;
    reading_ = false;
    listener_ = nullptr;
    boost::system::error_code ignored;
    socket_.close(ignored);
}

bool Stream::has_unread() const {
    char byte = 0;
    return open_ &&
           ::recv(const_cast<Socket&>(socket_).native_handle(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
}

std::string Stream::peer_address() const {
    boost::system::error_code error;
    const auto peer = socket_.remote_endpoint(error);
    return error ? std::string() : to_text(peer.address());
}

Socket Stream::release() {
    open_ = false;
    reading_ = false;
    listener_ = nullptr;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    return std::move(socket_);
}

Socket move_to(Shard& home, Socket socket) {
    boost::system::error_code error;
    const auto local = socket.local_endpoint(error);
    const auto protocol = local.protocol();
    const auto handle = socket.release(error);
    Socket moved(home.context());
    if (!error) {
        moved.assign(protocol, handle, error);
        if (error) ::close(handle);
    }
    return moved;
}

}  // namespace pulse::net
