#include "net/listener.hpp"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/log.hpp"

namespace pulse::net {
namespace {

using boost::asio::ip::tcp;

constexpr int backlog = 4096;
constexpr int accepts_per_turn = 64;
// How long to leave the queue alone when the process or machine has no descriptors or memory left.
constexpr Duration shortage_pause = std::chrono::milliseconds(100);
constexpr Duration warning_interval = std::chrono::seconds(10);

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

private:
    int fd_;
};

std::string lower_first(std::string text) {
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = char(text[0] - 'A' + 'a');
    return text;
}

std::string describe(int error) { return lower_first(std::system_category().message(error)); }

void set(int fd, int level, int option) {
    const int on = 1;
    ::setsockopt(fd, level, option, &on, sizeof on);
}

enum class Sharing { none, between_shards };

// A bound socket, or errno in `failure`.
Descriptor bind_one(const tcp::endpoint& where, Sharing sharing, int& failure) {
    failure = 0;
    Descriptor socket(
        ::socket(where.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
    if (socket.get() < 0) {
        failure = errno;
        return socket;
    }
    set(socket.get(), SOL_SOCKET, SO_REUSEADDR);  // a restart must not wait for TIME_WAIT
    if (sharing == Sharing::between_shards) set(socket.get(), SOL_SOCKET, SO_REUSEPORT);
    set(socket.get(), IPPROTO_TCP, TCP_NODELAY);  // accepted sockets inherit it
    if (::bind(socket.get(), where.data(), socklen_t(where.size())) < 0) failure = errno;
    return socket;
}

std::uint16_t local_port(int fd) {
    tcp::endpoint local;
    auto size = socklen_t(local.capacity());
    if (::getsockname(fd, local.data(), &size) < 0) return 0;
    local.resize(size);
    return local.port();
}

Result<std::vector<tcp::endpoint>> resolve(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    // "[::1]" is how an IPv6 address stands in a URL; taken here too.
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::string name = bracketed ? host.substr(1, host.size() - 2) : host;
    addrinfo* found = nullptr;
    const int failure =
        ::getaddrinfo(name.empty() ? nullptr : name.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (failure != 0) {
        return Error{ErrorCode::invalid, "cannot listen on " + host + ":" + std::to_string(port) + ": " +
                                             lower_first(::gai_strerror(failure))};
    }
    std::vector<tcp::endpoint> endpoints;
    for (const addrinfo* each = found; each; each = each->ai_next) {
        tcp::endpoint endpoint;
        if (each->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
        endpoint.resize(each->ai_addrlen);
        if (std::find(endpoints.begin(), endpoints.end(), endpoint) == endpoints.end()) {
            endpoints.push_back(endpoint);
        }
    }
    ::freeaddrinfo(found);
    return endpoints;
}

// Binds and listens once per shard; 0 or errno.
int listen_at(tcp::endpoint& where, unsigned shards,
              std::vector<std::vector<ListeningSockets::Handle>>& out) {
    int failure = 0;
    if (where.port() != 0) {
        // SO_REUSEPORT would let two servers of one user share the port in silence, so the port is tried
        // once without it. (For port 0 the kernel picks one that nobody has.)
        bind_one(where, Sharing::none, failure);
        if (failure) return failure;
    }
    for (unsigned shard = 0; shard < shards; ++shard) {
        Descriptor bound = bind_one(where, Sharing::between_shards, failure);
        if (failure) return failure;
        if (::listen(bound.get(), backlog) < 0) return errno;
        where.port(local_port(bound.get()));
        out[shard].push_back({bound.release(), where.protocol()});
    }
    return 0;
}

// Errors of one connection that broke before it was accepted (Linux passes network errors on as well).
bool concerns_one_connection(int error) {
    switch (error) {
        case ECONNABORTED:
        case EINTR:
        case EPROTO:
        case EPERM:
        case ENETDOWN:
        case ENETUNREACH:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ENOPROTOOPT:
        case EOPNOTSUPP:
        case ENONET:
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<ListeningSockets> ListeningSockets::open(const std::string& host, std::uint16_t port,
                                                unsigned shards) {
    auto endpoints = resolve(host, port);
    if (!endpoints) return endpoints.error();
    ListeningSockets made;
    made.handles_.resize(shards);
    made.port_ = port;
    int skipped = 0;
    for (auto& endpoint : *endpoints) {
        endpoint.port(made.port_);
        const int failure = listen_at(endpoint, shards, made.handles_);
        if (failure == 0) {
            made.port_ = endpoint.port();
        } else if ((failure == EADDRNOTAVAIL || failure == EAFNOSUPPORT) && endpoints->size() > 1) {
            skipped = failure;  // such as ::1 of "localhost" on a machine without IPv6
        } else {
            return Error{ErrorCode::unavailable,
                         "cannot listen on " + host + ":" + std::to_string(port) + ": " + describe(failure)};
        }
    }
    if (made.handles_[0].empty()) {
        return Error{ErrorCode::unavailable, "cannot listen on " + host + ":" + std::to_string(port) + ": " +
                                                 describe(skipped ? skipped : EADDRNOTAVAIL)};
    }
    return made;
}

ListeningSockets::ListeningSockets(ListeningSockets&& other) noexcept
    : handles_(std::exchange(other.handles_, {})), port_(other.port_) {}

ListeningSockets::~ListeningSockets() {
    for (const auto& of_shard : handles_) {
        for (const auto& handle : of_shard) ::close(handle.descriptor);
    }
}

std::vector<ListeningSockets::Handle> ListeningSockets::take(ShardId shard) {
    return std::exchange(handles_[shard], {});
}

struct Listener::Core : std::enable_shared_from_this<Core> {
    Core(Shard& at, ListeningSockets::Handle handle, OnSocket to)
        : home(at),
          acceptor(at.context(), handle.protocol, handle.descriptor),
          on_socket(std::move(to)),
          pause(at.timers(), [this] { wait(); }) {}

    void wait() {
        if (!acceptor.is_open()) return;
        acceptor.async_wait(decltype(acceptor)::wait_read,
                            [self = shared_from_this()](const boost::system::error_code& error) {
                                if (error || !self->acceptor.is_open()) return;
                                if (self->accept_some(accepts_per_turn)) {
                                    self->wait();
                                } else {
                                    self->pause.arm(shortage_pause);
                                }
                            });
    }

    // False if there is a shortage, so that trying again at once would only burn time.
    bool accept_some(int most) {
        for (int i = 0; i < most && acceptor.is_open(); ++i) {
            tcp::endpoint peer;
            auto size = socklen_t(peer.capacity());
            const int fd =
                ::accept4(acceptor.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) {
                if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
                if (concerns_one_connection(errno)) continue;
                warn(errno);
                return false;
            }
            peer.resize(size);
            Socket socket(home.context());
            boost::system::error_code error;
            socket.assign(peer.protocol(), fd, error);
            if (error) {
                ::close(fd);
                warn(error.value());
                return false;
            }
            on_socket(std::move(socket), to_text(peer.address()));
        }
        return true;
    }

    void warn(int error) {
        const auto now = home.timers().now();
        if (now < next_warning) return;
        next_warning = now + warning_interval;
        log::warn("cannot accept connections: {}; trying again every 100 ms", describe(error));
    }

    Shard& home;
    boost::asio::basic_socket_acceptor<tcp, Executor> acceptor;
    OnSocket on_socket;
    Timer pause;
    TimePoint next_warning{};
};

Listener::Listener(Shard& home, ListeningSockets::Handle handle, OnSocket on_socket)
    : core_(std::make_shared<Core>(home, handle, std::move(on_socket))) {
    core_->wait();
}

Listener::~Listener() {
    core_->pause.cancel();
    boost::system::error_code ignored;
    core_->acceptor.close(ignored);
}

void Listener::stop() {
    core_->pause.cancel();
    core_->accept_some(backlog);
    boost::system::error_code ignored;
    core_->acceptor.close(ignored);
}

}  // namespace pulse::net
