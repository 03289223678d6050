#include "socketio/server.hpp"

#include "socketio/client.hpp"
#include "socketio/namespace_impl.hpp"
#include "socketio/shared.hpp"

namespace pulse::socketio {

struct Server::Impl {
    Impl(net::ShardPool& shards, Options options)
        : shared(std::make_shared<Shared>(shards, std::move(options))),
          engine(shards, shared->options.engine, [this](engineio::Session& session) {
              auto client = std::make_shared<Client>(*shared, namespaces, session);
              client->start();
              return std::make_unique<ClientListener>(std::move(client));
          }) {}

    std::shared_ptr<Shared> shared;
    Namespaces namespaces;
    engineio::Server engine;  // last: its sessions end before what they refer to
};

Server::Server(net::ShardPool& shards, Options options)
    : impl_(std::make_unique<Impl>(shards, std::move(options))) {}

Server::~Server() = default;

Namespace& Server::of(std::string_view name) {
    auto found = impl_->namespaces.find(name);
    if (found == impl_->namespaces.end()) {
        const std::string key(name);
        found = impl_->namespaces.emplace(key, std::make_shared<NamespaceImpl>(key, impl_->shared)).first;
    }
    return *found->second;
}

engineio::Server& Server::engine() { return impl_->engine; }

void Server::close(std::size_t per_slice, Duration pause, std::function<void()> done) {
    impl_->engine.stop_accepting();
    impl_->engine.close_all(engineio::CloseReason::server_shutting_down, per_slice, pause, std::move(done));
}

const Stats& Server::stats() const { return impl_->shared->stats; }

const Options& Server::options() const { return impl_->shared->options; }

}  // namespace pulse::socketio
