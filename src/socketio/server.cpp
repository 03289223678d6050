#include "socketio/server.hpp"

#include "socketio/client.hpp"
#include "socketio/namespace_registry.hpp"
#include "socketio/shared.hpp"

namespace pulse::socketio {

struct Server::Impl {
    Impl(net::ShardPool& shards, Options options)
        : shared(std::make_shared<Shared>(shards, std::move(options))),
          namespaces(std::make_shared<NamespaceRegistry>(shared)),
          engine(shards, shared->options.engine, [this](engineio::Session& session) {
              auto client = std::make_shared<Client>(*shared, *namespaces, session);
              client->start();
              return std::make_unique<ClientListener>(std::move(client));
          }) {}

    ~Impl() {
        if (shared->monitor) shared->monitor->stop();
    }

    std::shared_ptr<Shared> shared;
    std::shared_ptr<NamespaceRegistry> namespaces;
    engineio::Server engine;  // last: its sessions end before what they refer to
};

Server::Server(net::ShardPool& shards, Options options)
    : impl_(std::make_unique<Impl>(shards, std::move(options))) {}

Server::~Server() = default;

Namespace& Server::of(std::string_view name) { return impl_->namespaces->of(name); }

void Server::of(std::regex pattern, ConfigureNamespace configure) {
    of(
        [pattern = std::move(pattern)](std::string_view name, const auto&) {
            return std::regex_match(name.begin(), name.end(), pattern);
        },
        std::move(configure));
}

void Server::of(NamePredicate predicate, ConfigureNamespace configure) {
    impl_->namespaces->add_pattern(std::move(predicate), std::move(configure));
}

std::shared_ptr<Namespace> Server::find(std::string_view name) const { return impl_->namespaces->find(name); }

std::vector<std::string> Server::namespaces() const { return impl_->namespaces->names(); }

engineio::Server& Server::engine() { return impl_->engine; }

void Server::close(std::size_t per_slice, Duration pause, std::function<void()> done) {
    impl_->engine.stop_accepting();
    impl_->engine.close_all(engineio::CloseReason::server_shutting_down, per_slice, pause, std::move(done));
}

void Server::drain(Duration duration, std::function<void()> done) {
    impl_->engine.stop_accepting();
    impl_->engine.drain(engineio::CloseReason::server_shutting_down, duration, std::move(done));
}

const Stats& Server::stats() const { return impl_->shared->stats; }

Numbers Server::numbers() const { return numbers_of(*impl_->shared, *impl_->namespaces, impl_->engine); }

const Options& Server::options() const { return impl_->shared->options; }

}  // namespace pulse::socketio
