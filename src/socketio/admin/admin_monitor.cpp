#include "socketio/admin/admin_monitor.hpp"

#include <unistd.h>

#include <functional>

#include "base/log.hpp"
#include "socketio/admin/admin_json.hpp"
#include "socketio/client.hpp"
#include "socketio/packet.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {
namespace json = boost::json;

namespace {

constexpr Duration interval = std::chrono::seconds(2);  // as in Node
// For how long a node believes that somebody watches on another; told with each tick.
constexpr Duration belief = 3 * interval;
constexpr const char* somebody_watches = "pulse:admin";
constexpr std::size_t most_namespaces = 1000;  // in one message

json::string_view text(std::string_view text) { return {text.data(), text.size()}; }

std::string host_name() {
    char name[256] = {};
    return gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

// The same for all sockets of a connection. Its Engine.IO id authorises requests and is told to nobody.
std::string client_id(SocketImpl& socket) {
    const auto client = socket.client();
    return client ? fmt::format("{:016x}", std::hash<std::string>()(client->session().sid())) : "";
}

// An array alone between braces would be taken for the arguments themselves.
Args only(json::array argument) {
    Args args;
    args.json.emplace_back(std::move(argument));
    return args;
}

std::string_view transport_name(const Socket& socket) {
    return socket.transport() == engineio::TransportKind::websocket ? "websocket" : "polling";
}

}  // namespace

AdminMonitor::AdminMonitor(Server& io, NamespaceImpl& nsp, const AdminOptions& options)
    : nsp_(nsp), home_(nsp.shards()[0]), options_(options), started_(home_.clock().now()), io_(&io) {}

// The timer ends where it lives, whoever lets go of us last.
AdminMonitor::~AdminMonitor() {
    home_.post([ticker = std::shared_ptr<net::Timer>(std::move(ticker_))] {});
}

void AdminMonitor::start() {
    nsp_.on_server_side(somebody_watches, [weak = weak_from_this()](const Args&, const Ack&) {
        const auto self = weak.lock();
        if (!self || self->options_.mode != AdminMode::development) return;
        self->others_watch_until_ = (self->home_.clock().now() + belief).time_since_epoch().count();
        self->watch();
    });
    home_.post([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        self->ticker_ = std::make_unique<net::Timer>(self->home_.timers(), [weak] {
            if (const auto still = weak.lock()) still->tick();
        });
        self->tick();
    });
}

void AdminMonitor::stop() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
    watching_ = false;
}

void AdminMonitor::watch() {
    if (options_.mode != AdminMode::development) return;
    const auto now = home_.clock().now().time_since_epoch().count();
    const bool here = nsp_.size() > 0;
    watching_ = here || now < others_watch_until_;
}

void AdminMonitor::tick() {
    const std::lock_guard lock(mutex_);
    if (!io_) return;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval).count();
    changes_.refill(std::int64_t(options_.max_changes_per_second) * seconds);
    events_.refill(std::int64_t(options_.max_events_per_second) * seconds);
    watch();
    const bool here = nsp_.size() > 0;
    Numbers now = io_->numbers();
    if (here || nsp_.has_other_nodes()) {
        nsp_.emit("server_stats",
                  Args({stats(now, aggregated_events(before_, now, home_.clock().wall_now()))}));
    }
    before_ = std::move(now);
    if (here && nsp_.has_other_nodes()) nsp_.server_side_emit(somebody_watches, {});
    if (stale_.exchange(false) && watching()) {
        gather_sockets([weak = weak_from_this()](json::array sockets) {
            const auto self = weak.lock();
            if (self) self->nsp_.emit("all_sockets", only(std::move(sockets)));
        });
    }
    ticker_->arm(interval);
}

void AdminMonitor::welcome(Socket& admin) {
    watch();
    if (nsp_.has_other_nodes()) nsp_.server_side_emit(somebody_watches, {});
    const std::lock_guard lock(mutex_);
    if (!io_) return;
    admin.emit("server_stats", Args({stats(io_->numbers(), {})}));
    if (options_.mode != AdminMode::development) return;
    gather_sockets([reach = admin.handle()](json::array sockets) {
        reach([sockets = std::move(sockets)](Socket& socket) { socket.emit("all_sockets", only(sockets)); });
    });
}

json::object AdminMonitor::stats(const Numbers& now, json::array happened) const {
    json::array namespaces;
    for (const auto& nsp : now.namespaces) {
        if (namespaces.size() == most_namespaces) break;
        namespaces.push_back({{"name", text(nsp.name)}, {"socketsCount", nsp.sockets}});
    }
    const auto id =
        options_.server_id.empty() ? fmt::format("{}#{}", host_name(), getpid()) : options_.server_id;
    const std::chrono::duration<double> uptime = home_.clock().now() - started_;
    return {
        {"serverId", text(id)},
        {"hostname", text(host_name())},
        {"pid", getpid()},
        {"uptime", uptime.count()},
        {"clientsCount", now.connections},
        // Two counters, read one after the other.
        {"pollingClientsCount", now.connections - std::min(now.connections, now.websockets)},
        {"aggregatedEvents", std::move(happened)},
        {"namespaces", std::move(namespaces)},
    };
}

// With the lock. `tell` is called on some shard.
void AdminMonitor::gather_sockets(TellSockets tell) {
    struct Gathering {
        std::mutex mutex;
        std::size_t left;
        json::array sockets;
        TellSockets tell;
    };
    const auto names = io_->namespaces();
    const auto all = std::make_shared<Gathering>();
    all->left = names.size();
    all->tell = std::move(tell);
    // Beyond that they are not even looked at, not to speak of those on other nodes.
    const bool few = io_->stats().connected <= options_.max_sockets_listed;
    for (const auto& name : names) {
        const auto nsp = std::static_pointer_cast<NamespaceImpl>(io_->find(name));
        const auto add = [all, name, nsp,
                          most = options_.max_sockets_listed](std::vector<RemoteSocket> found) {
            std::unique_lock lock(all->mutex);
            for (auto& socket : found) {
                if (all->sockets.size() == most) break;
                all->sockets.push_back(admin_socket(std::move(socket), name));
            }
            if (--all->left > 0) return;
            lock.unlock();
            all->tell(std::move(all->sockets));
        };
        if (!nsp) {
            add({});  // dynamic, and gone
        } else if (few) {
            BroadcastOperator(*nsp).fetch_sockets(
                [add](FetchedSockets found) { add(std::move(found.sockets)); });
        } else {
            nsp->sample(options_.max_sockets_listed / nsp->shards().size() + 1, add);
        }
    }
}

json::value AdminMonitor::timestamp() const {
    return json::value(text(to_iso8601(home_.clock().wall_now())));
}

bool AdminMonitor::may_tell_change() {
    if (changes_.take()) return true;
    stale_.store(true, std::memory_order_relaxed);
    return false;
}

void AdminMonitor::connected(SocketImpl& socket) {
    if (!may_tell_change()) return;
    auto& nsp = static_cast<NamespaceImpl&>(socket.nsp());
    nsp_.emit("socket_connected", Args({admin_socket(nsp.describe(socket), nsp.name()), timestamp()}));
}

void AdminMonitor::disconnected(SocketImpl& socket, DisconnectReason reason) {
    if (&socket.nsp() == &nsp_) watch();
    if (!may_tell_change()) return;
    nsp_.emit("socket_disconnected",
              Args({text(socket.nsp().name()), text(socket.id()), text(to_string(reason)), timestamp()}));
}

void AdminMonitor::upgraded(SocketImpl& socket) {
    if (!may_tell_change()) return;
    const json::object changed{{"id", text(socket.id())},
                               {"nsp", text(socket.nsp().name())},
                               {"transport", text(transport_name(socket))}};
    nsp_.emit("socket_updated", Args({changed}));
}

void AdminMonitor::joined(SocketImpl& socket, std::string_view room) {
    if (!may_tell_change()) return;
    nsp_.emit("room_joined", Args({text(socket.nsp().name()), text(room), text(socket.id()), timestamp()}));
}

void AdminMonitor::left(SocketImpl& socket, std::string_view room) {
    if (!may_tell_change()) return;
    nsp_.emit("room_left", Args({text(socket.nsp().name()), text(room), text(socket.id()), timestamp()}));
}

void AdminMonitor::received(SocketImpl& socket, std::string_view event, const Args& args) {
    // What admins say and hear would be told to them, and so on.
    if (&socket.nsp() == &nsp_ || !events_.take()) return;
    tell_event("event_received", socket, event, args);
}

void AdminMonitor::sent(SocketImpl& socket, const Outgoing& packet) {
    if (&socket.nsp() == &nsp_ || !events_.take()) return;
    auto event = read_event(packet);
    if (event) tell_event("event_sent", socket, event->first, event->second);
}

// Of no use when it comes late, so not kept for an admin who does not keep up.
void AdminMonitor::tell_event(const char* kind, SocketImpl& socket, std::string_view event,
                              const Args& args) {
    nsp_.volatile_().emit(
        kind, Args({text(socket.nsp().name()), text(socket.id()), admin_event(event, args), timestamp()}));
}

void AdminMonitor::annotate(SocketImpl& socket, json::value& data) {
    if (options_.mode != AdminMode::development || !data.is_object()) return;
    data.get_object()[text(admin_data)] =
        json::object{{"clientId", text(client_id(socket))}, {"transport", text(transport_name(socket))}};
}

}  // namespace pulse::socketio
