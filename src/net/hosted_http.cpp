#include "net/hosted_http.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "base/guarded.hpp"
#include "net/http_connection.hpp"

namespace pulse::net {
namespace {

// A descriptor on its way between threads.
class Descriptor {
public:
    explicit Descriptor(int handle) : handle_(handle) {}
    Descriptor(Descriptor&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    ~Descriptor() {
        if (handle_ >= 0) ::close(handle_);
    }

    // A closed socket if it is none of TCP's.
    Socket become_socket(Shard& home) {
        sockaddr_storage own{};
        socklen_t size = sizeof own;
        Socket socket(home.context());
        if (::getsockname(handle_, reinterpret_cast<sockaddr*>(&own), &size) != 0) return socket;
        const auto protocol =
            own.ss_family == AF_INET6 ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4();
        boost::system::error_code error;
        socket.assign(protocol, handle_, error);
        if (!error) handle_ = -1;
        return socket;
    }

private:
    int handle_;
};

}  // namespace

bool HostedRequest::abandon() {
    Shard* where = nullptr;
    OnAnswer never;
    std::function<void()> aborted;
    {
        const std::lock_guard lock(mutex_);
        if (!on_answer_) return false;
        never = std::exchange(on_answer_, nullptr);
        abandoned_ = true;
        where = where_;
        aborted = std::exchange(aborted_, nullptr);
    }
    if (aborted) where->post(std::move(aborted));
    return true;
}

void HostedRequest::answer(std::uint64_t, Response response) {
    OnAnswer on_answer;
    std::function<void()> watched;
    {
        const std::lock_guard lock(mutex_);
        on_answer = std::exchange(on_answer_, nullptr);
        watched = std::exchange(aborted_, nullptr);
    }
    if (on_answer) guarded("the host's taker of an answer", [&] { on_answer(std::move(response)); });
}

void HostedRequest::watch_abort(std::uint64_t, Shard& where, std::function<void()> aborted) {
    const std::lock_guard lock(mutex_);
    if (abandoned_) return where.post(std::move(aborted));
    if (!on_answer_) return;
    where_ = &where;
    aborted_ = std::move(aborted);
}

struct HostedHttp::PerShard {
    HttpShard http;
};

HostedHttp::HostedHttp(ShardPool& shards, HttpHandler& handler, HttpLimits limits)
    : shards_(shards), handler_(handler), limits_(limits) {
    for (unsigned i = 0; i < shards.size(); ++i) {
        per_shard_.push_back(
            std::make_shared<PerShard>(PerShard{HttpShard{shards[ShardId(i)], handler, limits_, stats_}}));
    }
}

HostedHttp::~HostedHttp() {
    shards_.run_on_each([this](Shard& shard) {
        auto& connections = per_shard_[shard.id()]->http.connections;
        while (!connections.empty()) connections.front().close();
    });
}

Shard& HostedHttp::next_shard() {
    return shards_[ShardId(next_.fetch_add(1, std::memory_order_relaxed) % shards_.size())];
}

void HostedHttp::handle(Request request, std::shared_ptr<HostedRequest> answer_to) {
    stats_->requests.fetch_add(1, std::memory_order_relaxed);
    // The Responder travels, so that shards which have stopped still answer.
    next_shard().post([handler = &handler_, request = std::move(request),
                       responder = Responder(std::move(answer_to), 0)]() mutable {
        guarded("a handler of requests",
                [&] { handler->on_request(std::move(request), std::move(responder)); });
    });
}

void HostedHttp::upgrade(Request request, int socket, std::string received) {
    stats_->requests.fetch_add(1, std::memory_order_relaxed);
    Shard& shard = next_shard();
    shard.post([mine = per_shard_[shard.id()], request = std::move(request), handle = Descriptor(socket),
                received = std::move(received)]() mutable {
        Socket taken = handle.become_socket(mine->http.shard);
        if (!taken.is_open() || !mine->http.admit()) return;
        std::string peer = request.peer;
        std::make_shared<HttpConnection>(mine->http, std::move(taken), std::move(peer))
            ->start_upgrade(std::move(request), std::move(received));
    });
}

}  // namespace pulse::net
