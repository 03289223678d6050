#include "socketio/cluster_recovery.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "socketio/namespace_impl.hpp"
#include "socketio/packet.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {

ClusterRecovery::ClusterRecovery(NamespaceImpl& nsp, std::shared_ptr<ClusterLog> log,
                                 ClusterRecoveryOptions options)
    : nsp_(nsp), log_(std::move(log)), options_(std::move(options)), here_(0, options_.max_disconnection) {}

// What comes out of the log has its offset, and what is for this node only is in no log.
bool ClusterRecovery::take(const Target& target, std::string_view event, const Args& args,
                           const std::shared_ptr<void>&) {
    if (target.delivery != Delivery::reliable || target.retain) return false;
    if (target.scope != Scope::cluster || !target.offset.empty()) return false;
    nsp_.adapter().broadcast(target, event, args);
    return true;
}

void ClusterRecovery::on_left(SocketImpl& socket, DisconnectReason reason) {
    const SocketRecovery* own = socket.recovery();
    if (!own || own->pid.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        here_.forget(own->pid);
    }
    if (!is_recoverable(reason)) return;
    LeftSession session{socket.id(), own->pid, own->owner, socket.rooms(), boost::json::object(), {}};
    session.positions = {own->start, own->last_sent, log_->settled()};
    if (options_.describe) {
        socket.guarded("recovery", [&] { session.data = options_.describe(socket); });
    }
    log_->save(std::move(session), options_.max_disconnection);
}

void ClusterRecovery::admit(const std::shared_ptr<SocketImpl>& socket) {
    SocketRecovery& own = socket->make_recovery();
    if (options_.owner && !socket->guarded("recovery", [&] { own.owner = options_.owner(*socket); })) {
        return;
    }
    if (own.pid.empty()) return admit_newcomer(socket);
    std::shared_ptr<SocketImpl> old;
    {
        const std::lock_guard lock(mutex_);
        old = here_.find_connected(own.pid);
    }
    if (!old) return look_for(socket);
    // Its old connection still looks alive from here: ended first, and saved by that.
    net::Shard& home = old->home();
    home.dispatch([this, nsp = nsp_.shared_from_this(), old, weak = std::weak_ptr(socket), owner = own.owner,
                   back = &socket->home()] {
        if (const auto* theirs = old->recovery(); theirs && theirs->owner == owner) old->close_connection();
        back->dispatch([this, nsp, weak] {
            const auto waiting = weak.lock();
            if (waiting && waiting->awaiting_admission()) look_for(waiting);
        });
    });
}

void ClusterRecovery::look_for(const std::shared_ptr<SocketImpl>& socket) {
    log_->find(socket->recovery()->pid, [this, nsp = nsp_.shared_from_this(), weak = std::weak_ptr(socket),
                                         home = &socket->home()](std::optional<LeftSession> found) {
        home->dispatch([this, nsp, weak, found = std::move(found)]() mutable {
            const auto waiting = weak.lock();
            if (!waiting || !waiting->awaiting_admission()) return;
            // One that a node saved which knows no owners is nobody's.
            if (!found || found->owner != waiting->recovery()->owner) return not_recovered(waiting);
            restore(waiting, std::move(*found));
        });
    });
}

void ClusterRecovery::restore(const std::shared_ptr<SocketImpl>& socket, LeftSession session) {
    SocketRecovery& own = *socket->recovery();
    const auto presented = log_->position_of(own.offset);
    // Without an offset a node of another kind left nothing that says what this client has.
    if (!session.positions && presented == 0) return not_recovered(socket);
    if (!session.positions) session.positions = {presented, ~std::uint64_t(0), 0};
    const auto& [start, sent, settled] = *session.positions;
    // What the client holds from an earlier session says nothing about this one.
    const auto has = std::max(start, presented);
    // A quiet session may be older than the log: whoever has all that it was sent needs what came later.
    const auto after = has >= sent ? std::max(has, settled) : has;
    // Live events find their way to this shard from here on, and none is delivered before accept().
    const auto joined = socket->rooms();  // by the middleware
    for (const auto& room : session.rooms) socket->join(room);
    log_->take(own.pid, after, session.rooms,
               [this, nsp = nsp_.shared_from_this(), weak = std::weak_ptr(socket), home = &socket->home(),
                joined, has, session](std::optional<ClusterLog::Missed> missed) {
                   home->dispatch([this, nsp, weak, joined, has, session, missed = std::move(missed)] {
                       const auto waiting = weak.lock();
                       if (!waiting || !waiting->awaiting_admission()) {
                           // It left again before it was there.
                           if (missed) log_->save(session, options_.max_disconnection);
                           return;
                       }
                       if (missed) return accept(waiting, session, has, *missed);
                       for (const auto& room : session.rooms) {
                           if (std::find(joined.begin(), joined.end(), room) == joined.end())
                               waiting->leave(room);
                       }
                       not_recovered(waiting);
                   });
               });
}

void ClusterRecovery::accept(const std::shared_ptr<SocketImpl>& socket, const LeftSession& session,
                             std::uint64_t has, const ClusterLog::Missed& missed) {
    SocketRecovery& own = *socket->recovery();
    Admission how{session.sid, own.pid, true, {}};
    for (const auto& event : missed.events) {
        auto text = encode_event(nsp_.name(), event->event, event->args);
        append_offset(text, log_->offset_of(event->position));
        how.missed.push_back(
            Outgoing::make(text, event->args.attachments, event->target.compress, event->position));
    }
    own.start = session.positions->start;
    own.last_sent = missed.events.empty() ? has : missed.events.back()->position;
    own.floor = missed.up_to;
    own.offset = {};
    {
        const std::lock_guard lock(mutex_);
        here_.connected(own.pid, socket);
    }
    if (options_.restore && !socket->guarded("recovery", [&] { options_.restore(*socket, session.data); })) {
        return;
    }
    count(nsp_.shared().stats.recovered);
    socket->accept(std::move(how));
}

void ClusterRecovery::not_recovered(const std::shared_ptr<SocketImpl>& socket) {
    count(nsp_.shared().stats.not_recovered);
    admit_newcomer(socket);
}

void ClusterRecovery::admit_newcomer(const std::shared_ptr<SocketImpl>& socket) {
    SocketRecovery& own = *socket->recovery();
    own.pid = random_base64url(15);
    own.offset = {};
    own.start = own.last_sent = own.floor = log_->head();
    {
        const std::lock_guard lock(mutex_);
        here_.connected(own.pid, socket);
    }
    socket->accept({{}, own.pid, false, {}});
}

std::unique_ptr<Recovery> make_cluster_recovery(NamespaceImpl& nsp, std::shared_ptr<ClusterLog> log,
                                                ClusterRecoveryOptions options) {
    return std::make_unique<ClusterRecovery>(nsp, std::move(log), std::move(options));
}

}  // namespace pulse::socketio
