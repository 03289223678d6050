#include "net/http_server.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "net/http_connection.hpp"
#include "net/http_response.hpp"
#include "net/listener.hpp"

namespace pulse::net {

Responder::Responder(std::shared_ptr<AnswerCarrier> carrier, std::uint64_t exchange)
    : carrier_(std::move(carrier)), exchange_(exchange) {}

Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
    Responder before(std::move(*this));  // answered 500 at the end, if it was not
    carrier_ = std::move(other.carrier_);
    exchange_ = other.exchange_;
    return *this;
}

Responder::~Responder() {
    if (!carrier_) return;
    Response response = internal_error();
    response.close = std::uncaught_exceptions() > 0;  // its holder threw
    send(std::move(response));
}

void Responder::send(Response response) {
    const auto carrier = std::exchange(carrier_, nullptr);
    if (carrier) carrier->answer(exchange_, std::move(response));
}

void Responder::on_abort(Shard& where, std::function<void()> aborted) {
    if (carrier_) carrier_->watch_abort(exchange_, where, std::move(aborted));
}

UpgradedCount::UpgradedCount(std::shared_ptr<HttpStats> stats) : stats_(std::move(stats)) {
    stats_->upgraded.fetch_add(1, std::memory_order_relaxed);
}

UpgradedCount::~UpgradedCount() {
    if (stats_) stats_->upgraded.fetch_sub(1, std::memory_order_relaxed);
}

Upgrade::Upgrade(Shard& at, std::shared_ptr<HttpConnection> connection)
    : at_(&at), connection_(std::move(connection)) {}

Upgrade::Upgrade(Upgrade&&) noexcept = default;

Upgrade::~Upgrade() {
    if (!connection_) return;
    if (std::uncaught_exceptions() > 0) {  // its holder threw
        at_->dispatch([connection = std::move(connection_)] { connection->refuse(internal_error()); });
        return;
    }
    at_->dispatch([connection = std::move(connection_)] { connection->close(); });
}

UpgradedSocket Upgrade::take(Shard& home) {
    const auto connection = std::exchange(connection_, nullptr);
    if (!connection) return {Socket(home.context())};
    UpgradedSocket taken = connection->release();
    if (&home != at_) taken.socket = move_to(home, std::move(taken.socket));
    return taken;
}

void Upgrade::refuse(Response response) {
    const auto connection = std::exchange(connection_, nullptr);
    if (connection) connection->refuse(std::move(response));
}

namespace {

HttpLimits raised(HttpLimits limits, std::size_t body_bytes) {
    limits.body_bytes = std::max(limits.body_bytes, body_bytes);
    return limits;
}

}  // namespace

struct HttpServer::Impl {
    struct PerShard {
        HttpShard http;
        std::vector<std::unique_ptr<Listener>> listeners{};
    };

    Impl(ShardPool& pool, HttpHandler& handler, const HttpLimits& given)
        : shards(pool), limits(raised(given, handler.most_body_bytes())) {
        for (unsigned i = 0; i < pool.size(); ++i) {
            per_shard.push_back(
                std::make_shared<PerShard>(PerShard{HttpShard{pool[ShardId(i)], handler, limits, stats}}));
        }
    }

    void on_socket(HttpShard& http, Socket socket, std::string peer) {
        if (!http.admit()) return;  // the socket closes
        std::make_shared<HttpConnection>(http, std::move(socket), std::move(peer))->start();
    }

    ShardPool& shards;
    const HttpLimits limits;
    const std::shared_ptr<HttpStats> stats = std::make_shared<HttpStats>();
    std::atomic<std::uint16_t> port{0};
    std::vector<std::shared_ptr<PerShard>> per_shard;  // shared with what is posted
};

HttpServer::HttpServer(ShardPool& shards, HttpHandler& handler, HttpLimits limits)
    : impl_(std::make_unique<Impl>(shards, handler, limits)) {}

HttpServer::~HttpServer() {
    impl_->shards.run_on_each([this](Shard& shard) {
        auto& mine = *impl_->per_shard[shard.id()];
        mine.listeners.clear();
        while (!mine.http.connections.empty()) mine.http.connections.front().close();
    });
}

Result<std::uint16_t> HttpServer::listen(const std::string& host, std::uint16_t port) {
    auto opened = ListeningSockets::open(host, port, impl_->shards.size());
    if (!opened) return opened.error();
    impl_->port = opened->port();
    const auto sockets = std::make_shared<ListeningSockets>(std::move(*opened));
    for (const auto& mine : impl_->per_shard) {
        mine->http.shard.post([impl = impl_.get(), mine, sockets] {
            for (const auto& handle : sockets->take(mine->http.shard.id())) {
                mine->listeners.push_back(std::make_unique<Listener>(
                    mine->http.shard, handle, [impl, http = &mine->http](Socket socket, std::string peer) {
                        impl->on_socket(*http, std::move(socket), std::move(peer));
                    }));
            }
        });
    }
    return impl_->port;
}

std::uint16_t HttpServer::port() const { return impl_->port; }

void HttpServer::drain() {
    for (const auto& mine : impl_->per_shard) {
        mine->http.shard.post([mine] {
            mine->http.draining = true;
            for (const auto& listener : mine->listeners) listener->stop();
            mine->listeners.clear();
            for (auto each = mine->http.connections.begin(); each != mine->http.connections.end();) {
                (each++)->drain();
            }
        });
    }
}

const HttpStats& HttpServer::stats() const { return *impl_->stats; }

}  // namespace pulse::net
