#include "redis/lookup.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace pulse::redis {
namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

Error unknown(const std::string& host, const std::string& why) {
    return {ErrorCode::unavailable, "cannot look up " + host + ": " + why};
}

Result<std::vector<std::string>> system_look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* made = nullptr;
    const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &made);
    const std::unique_ptr<addrinfo, FreeAddresses> list(made);
    if (failure != 0) return unknown(host, ::gai_strerror(failure));
    std::vector<std::string> addresses;
    for (const auto* entry = list.get(); entry; entry = entry->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) ==
            0) {
            addresses.emplace_back(text);
        }
    }
    return addresses;
}

Result<std::vector<std::string>> addresses_of(const std::string& host, const LookUp& look_up) {
    try {
        return look_up ? look_up(host) : system_look_up(host);
    } catch (...) {  // out of memory
        return unknown(host, "it failed");
    }
}

}  // namespace

// Shared with the thread. Its end of the pipe is closed when the result is there, which wakes who waits.
struct Lookup::State {
    ~State() { close_writer(); }
    void close_writer() {
        if (writer >= 0) ::close(std::exchange(writer, -1));
    }
    int writer = -1;  // the thread's
    std::atomic<bool> done{false};
    std::optional<Result<std::vector<std::string>>> result;  // the thread's until done
};

Lookup::Lookup(Executor executor, std::string host, LookUp look_up)
    : state_(std::make_shared<State>()), end_(executor) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    state_->writer = ends[1];
    end_.assign(ends[0]);
    std::thread([state = state_, host = std::move(host), look_up = std::move(look_up)]() mutable {
        state->result = addresses_of(host, look_up);
        look_up = nullptr;
        state->done.store(true, std::memory_order_release);
        state->close_writer();
    }).detach();
}

Task<> Lookup::wait() {
    if (state_->done.load(std::memory_order_acquire)) co_return;
    boost::system::error_code ignored;
    co_await end_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                             boost::asio::redirect_error(boost::asio::use_awaitable_t<Executor>{}, ignored));
}

void Lookup::cancel() {
    boost::system::error_code ignored;
    end_.cancel(ignored);
}

const Result<std::vector<std::string>>* Lookup::found() const {
    return state_->done.load(std::memory_order_acquire) ? &*state_->result : nullptr;
}

}  // namespace pulse::redis
