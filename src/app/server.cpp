#include "app/server.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/admin.hpp"
#include "app/metrics.hpp"
#include "app/open_store.hpp"
#include "app/openapi.hpp"
#include "app/root_handler.hpp"
#include "app/schema_migration.hpp"
#include "auth/token.hpp"
#include "base/log.hpp"
#include "cache/process/process_cache.hpp"
#include "cache/redis/redis_cache.hpp"
#include "dashboard/activity_controller.hpp"
#include "dashboard/business_controller.hpp"
#include "dashboard/dashboard_controller.hpp"
#include "dashboard/dashboard_events.hpp"
#include "dashboard/dashboard_recovery.hpp"
#include "dashboard/dashboard_socket.hpp"
#include "dashboard/kpi_service.hpp"
#include "dashboard/operations_routes.hpp"
#include "dashboard/session_controller.hpp"
#include "http/api.hpp"
#include "net/http_server.hpp"
#include "redis/client.hpp"
#include "redis/url.hpp"
#include "socketio/redis_adapter/redis_adapter.hpp"

namespace pulse::app {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t closed_per_slice = 500;  // sockets of a shard per slice while draining,
constexpr Duration slice_pause = 20ms;         // so that 10,000 clients come back over half a second
constexpr Duration drain_bound = 10s;
constexpr Duration ready_bound = 2s;  // a check that takes longer has failed
constexpr Duration first_migration_retry = 200ms;
constexpr Duration last_migration_retry = 2s;

socketio::Options socket_options(const Settings& settings) {
    socketio::Options options;
    options.connect_timeout = 10s;  // contract section 5
    options.engine.cors = {.allowed_origins = settings.frontend_origins, .credentials = true};
    options.engine.origins = engineio::OriginPolicy::own_and_listed;
    return options;
}

// The first shard is Redis's home: one connection for commands serves the whole process.
std::unique_ptr<redis::Client> connect_redis(const Settings& settings, net::ShardPool& shards) {
    if (settings.redis_url.empty()) return nullptr;
    return std::make_unique<redis::Client>(shards[0], redis::parse_url(settings.redis_url).value());
}

std::unique_ptr<cache::Cache> make_cache(const Settings& settings, redis::Client* redis) {
    if (redis) return std::make_unique<cache::RedisCache>(*redis, system_clock(), settings.kpi_cache_ttl);
    return std::make_unique<cache::ProcessCache>(system_clock(), settings.kpi_cache_ttl);
}

// The same on all nodes. Without a secret of their own, nodes share what they check tokens with; it need not
// be secret (dashboard_recovery.hpp).
std::string recovery_secret(const Settings& settings) {
    return settings.jwt_secret.empty() ? settings.jwt_public_key_pem : settings.jwt_secret;
}

}  // namespace

// In the order of dependence: each part is given its neighbours, which stand above it.
struct Server::Impl {
    Impl(const Settings& chosen, auth::TokenVerifier checked, std::unique_ptr<store::Store> opened,
         const std::optional<DemoAccount>& demo)
        : settings(chosen),
          shards(chosen.threads, system_clock()),
          verifier(std::move(checked)),
          store(std::move(opened)),
          schema([this] { return store->migrate(); }, first_migration_retry, last_migration_retry),
          redis(connect_redis(chosen, shards)),
          cache(make_cache(chosen, redis.get())),
          kpis(*store, *cache),
          sockets(shards, socket_options(chosen)),
          nsp(sockets.of("/dashboard")),
          events(shards, *store, kpis, nsp, chosen.kpi_coalesce),
          dashboards(*store, kpis, system_clock()),
          businesses(*store, kpis, system_clock()),
          activity(*store, system_clock()),
          sessions(*store, system_clock(), chosen.jwt_secret),
          readiness(shards, checks(), ready_bound),
          page(demo),
          api(routes(), verifier, system_clock(),
              {.allowed_origins = chosen.frontend_origins,
               .rate_limit = chosen.rate_limit,
               .trusted_proxy =
                   [this](std::string_view peer) { return settings.trusted_proxies.contains(peer); }}),
          handler(api, sockets),
          http(shards, handler, {}),
          admin_handler([this] {
              return metrics_text({shards, http, api.metrics(), sockets, *store, *cache, redis.get(),
                                   *cluster, kpis, events, sessions.stats()});
          }),
          admin(shards, admin_handler, {.connections = 100}) {
        if (redis) nsp.use_adapter(socketio::redis_adapter::create_adapter(*redis, {.stats = cluster}));
        dashboard::serve_dashboard_namespace(nsp, {verifier, *store}, events);
        dashboard::serve_recovery(nsp, events, recovery_secret(settings));
    }

    http::Router routes();
    std::vector<dashboard::ReadinessCheck> checks();
    Task<Result<void>> hears_wake_ups();
    Result<void> migrate();
    void end_sessions(const std::vector<SessionId>& sessions);
    void start_admin();
    void stop_redis();
    void close_sockets();
    void wait_for_connections();

    const Settings settings;
    net::ShardPool shards;
    auth::TokenVerifier verifier;
    std::unique_ptr<store::Store> store;
    SchemaMigration schema;
    std::unique_ptr<redis::Client> redis;  // nullptr: cache and rooms live in this process
    const std::shared_ptr<socketio::redis_adapter::Stats> cluster =
        std::make_shared<socketio::redis_adapter::Stats>();
    std::unique_ptr<cache::Cache> cache;
    dashboard::KpiService kpis;
    socketio::Server sockets;
    socketio::Namespace& nsp;
    dashboard::DashboardEvents events;
    dashboard::DashboardController dashboards;
    dashboard::BusinessController businesses;
    dashboard::ActivityController activity;
    dashboard::SessionController sessions;
    dashboard::Readiness readiness;
    WebApp page;
    http::Api api;
    RootHandler handler;
    net::HttpServer http;
    AdminHandler admin_handler;
    net::HttpServer admin;
    bool serving = false;
};

http::Router Server::Impl::routes() {
    http::Router router;
    page.add_routes(router);
    dashboards.add_routes(router);
    businesses.add_routes(router);
    activity.add_routes(router);
    sessions.add_routes(router);
    dashboard::add_operations_routes(router, readiness);
    add_openapi_route(router);
    return router;
}

std::vector<dashboard::ReadinessCheck> Server::Impl::checks() {
    using dashboard::Weight;
    std::vector<dashboard::ReadinessCheck> all{
        {"database", Weight::required, [this] { return store->ping(); }},
        {"wake_up", Weight::required, [this] { return hears_wake_ups(); }}};
    // Without Redis everything is still served, only dearer.
    all.push_back({"cache", Weight::advisory, [this] { return cache->ping(); }});
    return all;
}

// A node that does not hear of changes shows them late. One that waits for its database has no feed yet.
Task<Result<void>> Server::Impl::hears_wake_ups() {
    if (auto schema_there = schema.state(); !schema_there) co_return schema_there.error();
    auto heard = co_await store->wake_up();
    co_return heard;
}

// A file is there or it is not; a database server may come up after us.
Result<void> Server::Impl::migrate() {
    if (!settings.auto_migrate) return {};
    return settings.database.kind == Database::Kind::sqlite ? store->migrate() : schema.start();
}

// First the tokens: who connects meanwhile either is refused, or is found among the sockets.
void Server::Impl::end_sessions(const std::vector<SessionId>& ended) {
    verifier.revoke(ended, system_clock().wall_now());
    dashboard::end_sessions(nsp, ended);
}

Result<std::unique_ptr<Server>> Server::make(const Settings& settings,
                                             const std::optional<DemoAccount>& demo) {
    auto verifier = auth::TokenVerifier::make(settings.jwt_secret, settings.jwt_public_key_pem);
    if (!verifier) return verifier.error();
    auto store = open_store(settings);
    if (!store) return store.error();
    return std::unique_ptr<Server>(
        new Server(std::make_unique<Impl>(settings, std::move(*verifier), std::move(*store), demo)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

// A server that never served still has a store to close before the loops that await it are gone.
Server::~Server() {
    if (impl_->serving) stop();
    impl_->store->stop();
    impl_->shards.stop();
}

std::uint16_t Server::port() const { return impl_->http.port(); }
store::Store& Server::store() { return *impl_->store; }
net::ShardPool& Server::shards() { return impl_->shards; }

Result<void> Server::start() {
    auto& all = *impl_;
    if (auto migrated = all.migrate(); !migrated) return migrated.error();
    all.store->sessions().on_revoked([&all](const auto& sessions) { all.end_sessions(sessions); });
    all.store->follow([&all](const auto& changes) { all.events.on_change(changes); });
    all.shards.start();
    if (all.redis) all.redis->start();
    all.serving = true;
    if (auto listening = all.http.listen(all.settings.host, all.settings.port); !listening)
        return listening.error();
    all.start_admin();
    return {};
}

void Server::Impl::start_admin() {
    if (settings.admin_port == 0) return;
    if (auto listening = admin.listen("127.0.0.1", settings.admin_port); !listening)
        log::warn("no metrics: {}", listening.error().message);
}

void Server::stop() {
    auto& all = *impl_;
    all.readiness.drain();
    all.schema.stop();
    if (!std::exchange(all.serving, false)) return;
    // Sockets first: meanwhile /ready is still answered, with 503, so that a load balancer turns away.
    all.close_sockets();
    all.http.drain();
    all.wait_for_connections();
    all.api.wait_until_idle();
    all.events.stop();
    all.admin.drain();
    all.store->stop();
    all.stop_redis();
    all.readiness.wait_until_idle();
    all.shards.stop();
}

void Server::Impl::stop_redis() {
    if (!redis) return;
    shards.run_on_each([this](net::Shard& shard) {
        if (shard.id() == redis->home().id()) redis->stop();
    });
}

void Server::Impl::close_sockets() {
    std::mutex mutex;
    std::condition_variable changed;
    bool closed = false;
    sockets.close(closed_per_slice, slice_pause, [&] {
        const std::lock_guard lock(mutex);
        closed = true;
        changed.notify_all();
    });
    std::unique_lock lock(mutex);
    // Nobody but us answers for `closed`, so this waits for it; the sockets' own deadlines bound it.
    changed.wait(lock, [&] { return closed; });
}

// Answers under way go out whole; a peer that does not take its answer does not hold the program up.
void Server::Impl::wait_for_connections() {
    const auto until = system_clock().now() + drain_bound;
    while (http.stats().open > 0 && system_clock().now() < until) std::this_thread::sleep_for(10ms);
}

}  // namespace pulse::app
