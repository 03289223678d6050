#include "app/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <fstream>
#include <limits>

namespace pulse::app {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

class Families {
public:
    void gauge(std::string name, std::string help, double value) {
        family(std::move(name), std::move(help), MetricType::Gauge)
            .metric.push_back(metric({}, value, MetricType::Gauge));
    }
    void counter(std::string name, std::string help, double value) {
        family(std::move(name), std::move(help), MetricType::Counter)
            .metric.push_back(metric({}, value, MetricType::Counter));
    }
    MetricFamily& family(std::string name, std::string help, MetricType type) {
        all_.push_back({"pulseboard_" + std::move(name), std::move(help), type, {}});
        return all_.back();
    }
    static ClientMetric metric(std::vector<ClientMetric::Label> labels, double value, MetricType type) {
        ClientMetric made;
        made.label = std::move(labels);
        (type == MetricType::Gauge ? made.gauge.value : made.counter.value) = value;
        return made;
    }
    std::string text() const { return prometheus::TextSerializer().Serialize(all_); }

private:
    std::vector<MetricFamily> all_;
};

// One counter per value of an enumeration whose names to_string() knows.
template <class Value, class Counts>
void by_value(Families& out, const char* label, const char* name, const char* help, const Counts& counts) {
    auto& family = out.family(name, help, MetricType::Counter);
    for (std::size_t i = 0; i < std::size(counts); ++i)
        family.metric.push_back(Families::metric({{label, std::string(to_string(Value(i)))}},
                                                 double(counts[i]), MetricType::Counter));
}

// `buckets` has one more than `bounds`, the last without bound.
template <class Bounds, class Buckets>
ClientMetric histogram(const Bounds& bounds, const Buckets& buckets, double sum_seconds) {
    ClientMetric metric;
    metric.histogram.sample_sum = sum_seconds;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        below += buckets[i];
        const auto bound = i < bounds.size() ? std::chrono::duration<double>(bounds[i]).count()
                                             : std::numeric_limits<double>::infinity();
        metric.histogram.bucket.push_back({below, bound});
    }
    metric.histogram.sample_count = below;
    return metric;
}

void add_process(Families& out) {
    std::ifstream statm("/proc/self/statm");
    double total_pages = 0;
    double resident_pages = 0;
    if (statm >> total_pages >> resident_pages)
        out.gauge("resident_memory_bytes", "Resident memory of the process.",
                  resident_pages * double(sysconf(_SC_PAGESIZE)));
}

void add_net(Families& out, net::ShardPool& shards, const net::HttpServer& http) {
    const auto& stats = http.stats();
    out.counter("connections_accepted_total", "TCP connections accepted.", double(stats.accepted));
    out.gauge("connections_open", "TCP connections open now, websockets excluded.", double(stats.open));
    out.gauge("connections_upgraded", "TCP connections open now that are websockets.",
              double(stats.upgraded));
    out.counter("connections_refused_total", "Connections closed at once because there were too many.",
                double(stats.refused_over_limit));
    out.counter("http_bad_requests_total", "Requests refused before they reached a route.",
                double(stats.bad_requests));
    auto& lag = out.family("loop_lag_seconds", "Worst delay of an event loop since the last scrape.",
                           MetricType::Gauge);
    for (unsigned i = 0; i < shards.size(); ++i)
        lag.metric.push_back(
            Families::metric({{"shard", std::to_string(i)}},
                             std::chrono::duration<double>(shards[net::ShardId(i)].take_worst_lag()).count(),
                             MetricType::Gauge));
}

void add_routes(Families& out, const http::Metrics& routes) {
    const auto all = routes.snapshot();
    auto& requests = out.family("http_requests_total", "Requests answered.", MetricType::Counter);
    for (const auto& route : all)
        for (const auto& [status, count] : route.by_status)
            requests.metric.push_back(Families::metric(
                {{"method", route.method}, {"route", route.route}, {"status", std::to_string(status)}},
                double(count), MetricType::Counter));
    auto& latency = out.family("http_request_seconds", "Time to answer.", MetricType::Histogram);
    for (const auto& route : all) {
        if (route.count == 0) continue;
        auto metric = histogram(http::Metrics::bounds, route.buckets, route.sum_seconds);
        metric.label = {{"method", route.method}, {"route", route.route}};
        latency.metric.push_back(std::move(metric));
    }
}

void add_engine(Families& out, const engineio::Server& engine) {
    const auto& stats = engine.stats();
    out.gauge("engineio_sessions_open", "Engine.IO sessions open now.", double(stats.open));
    out.gauge("engineio_websockets_open", "Of them, on websocket.", double(stats.open_websocket));
    out.counter("engineio_sessions_total", "Engine.IO sessions opened.", double(stats.opened));
    out.counter("engineio_refused_over_limit_total",
                "Handshakes refused because there were too many sessions.", double(stats.refused_over_limit));
    out.counter("engineio_upgrades_total", "Sessions upgraded from polling to websocket.",
                double(stats.upgrades));
    out.counter("engineio_messages_received_total", "Messages received.", double(stats.messages_in));
    out.counter("engineio_received_bytes_total", "Bytes of these messages.", double(stats.bytes_in));
    out.counter("engineio_messages_sent_total", "Messages sent.", double(stats.messages_out));
    out.counter("engineio_sent_bytes_total", "Bytes sent on websockets and polls.", double(stats.bytes_out));
    out.counter("engineio_writes_total", "System calls that carried them.", double(stats.writes));
    by_value<engineio::CloseReason>(out, "reason", "engineio_closed_total", "Sessions closed, by reason.",
                                    stats.closed);
}

void add_queues(Families& out, const engineio::Queues& queues) {
    out.gauge("send_queue_sessions", "Sessions with something waiting that could not leave at once.",
              double(queues.sessions));
    out.gauge("send_queue_packets", "Messages waiting for them.", double(queues.packets));
    out.gauge("send_queue_bytes", "Bytes waiting for them.", double(queues.bytes));
    out.gauge("send_queue_most_packets", "Messages waiting for one of them, at most.",
              double(queues.most_packets));
    out.gauge("send_queue_most_bytes", "Bytes waiting for one of them, at most.", double(queues.most_bytes));
}

void add_sockets(Families& out, socketio::Server& server) {
    add_engine(out, server.engine());
    const auto& stats = server.stats();
    const auto numbers = server.numbers();
    add_queues(out, numbers.queues);
    out.gauge("sockets_connected", "Sockets connected to a namespace now.", double(stats.connected));
    out.counter("socket_connects_total", "Sockets that connected.", double(stats.connects));
    out.counter("socket_refused_total", "CONNECT requests refused.", double(stats.refused));
    out.counter("socket_recovered_total", "Clients that came back as who they were, with what they missed.",
                double(stats.recovered));
    out.counter("socket_not_recovered_total", "Clients that came back and had to begin anew.",
                double(stats.not_recovered));
    by_value<socketio::PacketType>(out, "type", "packets_received_total",
                                   "Socket.IO packets received, by type.", numbers.packets_in);
    by_value<socketio::PacketType>(out, "type", "packets_sent_total",
                                   "Socket.IO packets sent, by type, counted per recipient.",
                                   numbers.packets_out);
    out.counter("broadcasts_total", "Broadcasts, counted once each.", double(stats.broadcasts));
    out.counter("volatile_dropped_total", "Volatile packets dropped, counted per recipient.",
                double(stats.volatile_dropped));
    out.counter("conflated_total", "Events not sent as a newer one of their key took their place.",
                double(stats.conflated));
    out.counter("retained_evicted_total", "Retained events forgotten as there were too many.",
                double(stats.retained_evicted));
    out.counter("over_rate_total", "Connections closed since they sent too many packets.",
                double(stats.over_rate));
    out.counter("invalid_packets_total", "Packets that cost their connection.",
                double(stats.invalid_packets));
    by_value<socketio::DisconnectReason>(out, "reason", "disconnects_total", "Sockets that left, by reason.",
                                         stats.disconnects);
    auto& rooms = out.family("rooms", "Rooms with members now.", MetricType::Gauge);
    for (const auto& nsp : numbers.namespaces)
        rooms.metric.push_back(
            Families::metric({{"namespace", nsp.name}}, double(nsp.rooms), MetricType::Gauge));
    const auto times = [&](const char* name, const char* help, const Histogram::Snapshot& seen) {
        out.family(name, help, MetricType::Histogram)
            .metric.push_back(
                histogram(Histogram::bounds, seen.buckets, std::chrono::duration<double>(seen.sum).count()));
    };
    times("emit_encode_seconds", "From emit to the encoded packet, of one emit in 16.", numbers.encode);
    times("emit_delivery_seconds", "From emit until a shard has written to its recipients, of the same.",
          numbers.delivery);
}

void add_store(Families& out, const store::Store& store, const cache::Cache& cache,
               const dashboard::KpiService& kpis) {
    const auto stats = store.stats();
    out.counter("store_reads_total", "Reads from the database.", double(stats.reads));
    out.counter("store_writes_total", "Writes to the database.", double(stats.writes));
    out.counter("store_transactions_total", "Transactions committed for them.", double(stats.transactions));
    out.counter("store_errors_total", "Calls that failed in the database.", double(stats.errors));
    out.gauge("store_queue", "Calls waiting for the database now.", double(stats.queued));
    out.counter("store_feed_losses_total", "Times that changes made by others went unheard for a while.",
                double(stats.feed_losses));
    out.gauge("store_feed_up", "1: changes made by others are heard.", store.hears_changes() ? 1 : 0);
    const auto cached = cache.stats();
    out.counter("cache_hits_total", "KPIs answered from the cache.", double(cached.hits));
    out.counter("cache_misses_total", "KPIs not found in the cache.", double(cached.misses));
    out.counter("cache_stale_fills_total", "Fills discarded because something newer was known.",
                double(cached.stale_fills));
    out.counter("cache_evictions_total", "Entries dropped for room.", double(cached.evictions));
    out.gauge("cache_entries", "Entries in the cache now.", double(cached.entries));
    out.counter("kpi_reads_total", "KPIs read from the database.", double(kpis.stats().reads));
}

void add_redis(Families& out, const redis::Stats& stats) {
    out.gauge("redis_up", "1 while the connection to Redis works.", stats.up ? 1 : 0);
    out.counter("redis_commands_total", "Commands sent to Redis.", double(stats.commands));
    out.counter("redis_failures_total", "Commands refused, lost, late or answered with an error.",
                double(stats.failures));
    out.counter("redis_timeouts_total", "Of them, late.", double(stats.timeouts));
    out.counter("redis_reconnects_total", "Connections to Redis made after the first.",
                double(stats.reconnects));
    out.counter("redis_messages_total", "Messages received from subscriptions.", double(stats.messages));
    out.gauge("redis_in_flight", "Commands waiting for their answer now.", double(stats.in_flight));
    out.gauge("redis_subscriptions", "Channels and patterns subscribed to now.", double(stats.subscriptions));
    out.gauge("redis_subscriptions_refused", "Of them, not given by Redis's access rules.",
              double(stats.refused));
}

void add_cluster(Families& out, const socketio::redis_adapter::Stats& stats) {
    out.counter("cluster_published_total", "Broadcasts and requests sent to other nodes.",
                double(stats.published));
    out.counter("cluster_unpublished_total",
                "Not sent or not confirmed: Redis out of reach, or too much waits for it.",
                double(stats.unpublished));
    out.counter("cluster_received_total", "Broadcasts of other nodes and emitters, delivered here.",
                double(stats.received));
    out.counter("cluster_unwanted_total", "Of others, for rooms without members here.",
                double(stats.unwanted));
    out.counter("cluster_invalid_total", "Messages in the adapter's channels that are none of its kind.",
                double(stats.invalid));
    out.counter("cluster_overflowed_total", "Dropped, for too many were on their way to sockets.",
                double(stats.overflowed));
    out.counter("cluster_timeouts_total", "Requests that not every node answered in time.",
                double(stats.timeouts));
    out.gauge("cluster_backlog", "Messages of others on their way to sockets now.", double(stats.backlog));
    out.gauge("cluster_subscriptions", "Rooms subscribed to now.", double(stats.subscriptions));
}

void add_events(Families& out, const dashboard::EventStats& stats) {
    out.counter("feed_wakeups_total", "Wake-ups for tenants watched here.", double(stats.wakeups));
    out.counter("feed_reads_total", "Reads of a tenant's change log.", double(stats.reads));
    out.counter("feed_read_failures_total", "Of them, failed and repeated.", double(stats.read_failures));
    out.counter("events_emitted_total", "Events emitted to tenants' rooms.", double(stats.emitted));
    out.counter("state_requests_unanswered_total",
                "Acknowledgements not given to sockets that asked too often at once.",
                double(stats.unanswered_requests));
    out.gauge("tenants_followed", "Tenants with a dashboard open here.", double(stats.followed));
}

void add_sessions(Families& out, const dashboard::SessionStats& stats) {
    using Label = std::pair<const char*, const std::atomic<std::uint64_t>*>;
    const auto by_outcome = [&](const char* name, const char* help, std::initializer_list<Label> outcomes) {
        auto& family = out.family(name, help, MetricType::Counter);
        for (const auto& [outcome, count] : outcomes)
            family.metric.push_back(
                Families::metric({{"outcome", outcome}}, double(count->load()), MetricType::Counter));
    };
    by_outcome("sign_ins_total", "Attempts to sign in; `limited` are those too soon after failures.",
               {{"signed_in", &stats.signed_in}, {"refused", &stats.refused}, {"limited", &stats.limited}});
    by_outcome("session_refreshes_total",
               "Refresh tokens shown; `lost` to a request at the same time, `reused` revoked their session.",
               {{"refreshed", &stats.refreshed}, {"lost", &stats.lost}, {"reused", &stats.reused}});
    out.counter("sign_outs_total", "Sessions ended by signing out.", double(stats.signed_out));
}

}  // namespace

std::string metrics_text(const MetricSources& sources) {
    Families out;
    auto& build = out.family("build_info", "The running version.", MetricType::Gauge);
    build.metric.push_back(Families::metric({{"version", PULSE_VERSION}}, 1, MetricType::Gauge));
    add_process(out);
    add_net(out, sources.shards, sources.http);
    add_routes(out, sources.routes);
    add_sockets(out, sources.sockets);
    add_store(out, sources.store, sources.cache, sources.kpis);
    if (sources.redis) {
        add_redis(out, sources.redis->stats());
        add_cluster(out, sources.cluster);
    }
    add_events(out, sources.events.stats());
    add_sessions(out, sources.sessions);
    return out.text();
}

}  // namespace pulse::app
