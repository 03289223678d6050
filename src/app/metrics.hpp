#pragma once
// What an operator graphs: the numbers of every part, as Prometheus text (contract section 4, GET /metrics).
// Collected when asked for; any thread.
#include <string>

#include "cache/cache.hpp"
#include "dashboard/dashboard_events.hpp"
#include "dashboard/kpi_service.hpp"
#include "dashboard/session_controller.hpp"
#include "http/metrics.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "redis/client.hpp"
#include "socketio/redis_adapter/options.hpp"
#include "socketio/server.hpp"
#include "store/store.hpp"

namespace pulse::app {

struct MetricSources {  // all outlive the call
    net::ShardPool& shards;
    const net::HttpServer& http;
    const http::Metrics& routes;
    socketio::Server& sockets;
    const store::Store& store;
    const cache::Cache& cache;
    const redis::Client* redis;  // nullptr: not used
    const socketio::redis_adapter::Stats& cluster;
    const dashboard::KpiService& kpis;
    const dashboard::DashboardEvents& events;
    const dashboard::SessionStats& sessions;
};

std::string metrics_text(const MetricSources& sources);

}  // namespace pulse::app
