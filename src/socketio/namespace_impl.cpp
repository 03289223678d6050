#include "socketio/namespace_impl.hpp"

#include <stdexcept>

#include "base/log.hpp"
#include "socketio/broadcast_acks.hpp"
#include "socketio/client.hpp"
#include "socketio/packet.hpp"
#include "socketio/retained_forget.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {

namespace {

// The names of Node's own events of a namespace.
void check_server_side(std::string_view event) {
    if (event == "connect" || event == "connection" || event == "new_namespace") {
        throw std::invalid_argument("\"" + std::string(event) + "\" is a reserved event name");
    }
}

// The application's callback, whose exceptions are not those of whoever calls it.
template <class Result>
std::function<void(Result)> guarded(std::string_view what, std::function<void(Result)> done) {
    return [what, done = std::move(done)](Result result) {
        try {
            done(std::move(result));
        } catch (const std::exception& error) {
            log::error("socket.io: the callback of {} threw: {}", what, error.what());
        } catch (...) {
            log::error("socket.io: the callback of {} threw", what);
        }
    };
}

}  // namespace

NamespaceImpl::NamespaceImpl(std::string name, std::shared_ptr<Shared> shared)
    : name_(std::move(name)), shared_(std::move(shared)) {
    for (unsigned shard = 0; shard < shared_->shards.size(); ++shard) {
        locals_.push_back(std::make_unique<LocalNamespace>([this, shard](std::string_view room, bool there) {
            directory_.set(net::ShardId(shard), room, there);
        }));
    }
}

void NamespaceImpl::use(Middleware middleware) { middleware_.push_back(std::move(middleware)); }

void NamespaceImpl::on_connection(std::function<void(Socket&)> handler) {
    connection_handlers_.push_back(std::move(handler));
}

void NamespaceImpl::admit(const std::shared_ptr<SocketImpl>& socket, std::size_t step) {
    if (step == 0 && recovery_) socket->note_return();
    if (step == middleware_.size()) {
        if (recovery_) return recovery_->admit(socket);
        return socket->accept({});
    }
    Next next([weak = std::weak_ptr(socket), home = &socket->home(), self = shared_from_this(),
               step](std::optional<ConnectError> error) {
        home->dispatch([weak, self, step, error = std::move(error)] {
            const auto waiting = weak.lock();
            if (!waiting || !waiting->awaiting_admission()) return;  // it left meanwhile
            if (error) {
                waiting->refuse(*error);
            } else {
                self->admit(waiting, step + 1);
            }
        });
    });
    const auto client = socket->client();
    if (!socket->guarded("middleware", [&] { middleware_[step](*socket, std::move(next)); })) {
        // Its Next, lost with the exception, has refused the socket, which then knows its client no more.
        client->close(DisconnectReason::forced_server_close);
    }
}

void NamespaceImpl::run_connection_handlers(SocketImpl& socket) {
    const auto held = socket.shared_from_this();
    for (const auto& handler : connection_handlers_) {
        if (!socket.connected()) return;
        socket.guarded("connection handler", [&] { handler(socket); });
    }
}

void NamespaceImpl::broadcast(const Target& target, std::string_view event, const Args& args) {
    check_sendable(event, args, shared_->options.max_attachments);
    count(shared_->stats.broadcasts);
    adapter_for(target).broadcast(target, event, args);
}

void NamespaceImpl::broadcast_with_ack(const Target& target, std::string_view event, const Args& args,
                                       Duration timeout,
                                       std::function<void(std::vector<Args>, std::size_t)> done) {
    check_sendable(event, args, shared_->options.max_attachments);
    count(shared_->stats.broadcasts);
    const auto acks = std::make_shared<BroadcastAcks>(std::move(done));
    acks->expect_count();  // by the adapter, until it has named everybody who counts
    adapter_for(target).broadcast_with_ack(target, event, args, timeout, acks);
    acks->counted(0);
}

void NamespaceImpl::forget(const Target& target, std::optional<std::string_view> key) {
    forget_here(target, key ? std::optional(std::string(*key)) : std::nullopt);
    if (target.scope == Scope::cluster) adapter_->server_side_emit(forget_event, forget_args(target, key));
}

void NamespaceImpl::sockets_join(const Target& target, std::string_view room) {
    adapter_for(target).sockets_join(target, {std::string(room)});
}

void NamespaceImpl::sockets_leave(const Target& target, std::string_view room) {
    adapter_for(target).sockets_leave(target, {std::string(room)});
}

void NamespaceImpl::disconnect_sockets(const Target& target, bool close) {
    adapter_for(target).disconnect_sockets(target, close);
}

void NamespaceImpl::fetch_sockets(const Target& target, std::function<void(FetchedSockets)> done) {
    adapter_for(target).fetch_sockets(target, guarded("fetch_sockets", std::move(done)));
}

void NamespaceImpl::on_server_side(std::string event, EventHandler handler) {
    server_side_handlers_.push_back({std::move(event), std::move(handler)});
}

void NamespaceImpl::server_side_emit(std::string_view event, const Args& args) {
    check_server_side(event);
    adapter_->server_side_emit(event, args);
}

void NamespaceImpl::server_side_emit_with_ack(std::string_view event, const Args& args,
                                              std::function<void(ServerSideAnswers)> done) {
    check_server_side(event);
    adapter_->server_side_emit_with_ack(event, args, guarded("server_side_emit", std::move(done)));
}

void NamespaceImpl::describe_sockets_by(std::function<boost::json::value(Socket&)> describe) {
    describe_ = std::move(describe);
}

void NamespaceImpl::use_adapter(const AdapterFactory& make) {
    other_adapter_ = make(std::weak_ptr<LocalSockets>(shared_from_this()));
    adapter_ = other_adapter_.get();
}

void NamespaceImpl::on_rooms(RoomEvents events) {
    room_events_ = std::make_unique<const RoomEvents>(std::move(events));
}

void NamespaceImpl::use_recovery(LogRecoveryOptions options) {
    recovery_ = make_log_recovery(*this, std::move(options));
}

void NamespaceImpl::use_recovery(SourceRecoveryOptions options) {
    recovery_ = make_source_recovery(*this, std::move(options));
}

void NamespaceImpl::slow_clients(SlowClients policy) {
    slow_clients_ = policy;
    closes_early_ = policy.policy == SlowClients::Policy::close;
}

void NamespaceImpl::limit_sockets_per_user(std::size_t most, std::function<std::string(Socket&)> user_of) {
    seats_ = std::make_shared<UserSeats>(most);
    user_of_ = std::move(user_of);
}

bool NamespaceImpl::seat(SocketImpl& socket) {
    if (!seats_) return true;
    const std::string user = user_of_(socket);
    if (user.empty()) return true;
    socket.take_seat(seats_->take(user));
    return socket.has_seat();
}

Delivery NamespaceImpl::delivery_of_event(Delivery wanted) const {
    if (wanted != Delivery::reliable) return wanted;
    switch (slow_clients_.policy) {
        case SlowClients::Policy::close:
            return Delivery::reliable;
        case SlowClients::Policy::drop:
            return Delivery::may_drop;
        case SlowClients::Policy::conflate:
            return Delivery::newest;
    }
    return wanted;
}

void NamespaceImpl::use_recovery(ClusterRecoveryOptions options) {
    auto log = adapter_->cluster_log();
    if (!log) throw std::logic_error("the adapter of " + name_ + " has no log to recover clients from");
    recovery_ = make_cluster_recovery(*this, std::move(log), std::move(options));
}

void NamespaceImpl::for_each(std::string_view room, std::function<void(Socket&)> work) {
    Target target;
    if (!room.empty()) target.rooms.emplace_back(room);
    each_target(target, std::move(work));
}

}  // namespace pulse::socketio
