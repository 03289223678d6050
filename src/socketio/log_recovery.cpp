#include "socketio/log_recovery.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/random.hpp"
#include "socketio/namespace_impl.hpp"
#include "socketio/packet.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {
namespace {

void append_base36(std::string& out, std::uint64_t number) {
    char digits[16];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number, 36).ptr);
}

// A client that is half gone holds its place until its heartbeat fails; what it lost is older than its end.
Duration log_age(const NamespaceImpl& nsp, const LogRecoveryOptions& options) {
    const auto& engine = const_cast<NamespaceImpl&>(nsp).shared().options.engine;
    return options.max_disconnection + engine.ping_interval + engine.ping_timeout;
}

}  // namespace

LogRecovery::LogRecovery(NamespaceImpl& nsp, LogRecoveryOptions options)
    : nsp_(nsp),
      options_(std::move(options)),
      mark_(random_base64url(6)),
      log_({options_.max_events, options_.max_bytes, log_age(nsp, options_)}),
      sessions_(options_.max_sessions, options_.max_disconnection),
      queues_(nsp.shared().shards.size()) {}

bool LogRecovery::take(const Target& target, std::string_view event, const Args& args,
                       const std::shared_ptr<void>& held) {
    if (target.delivery != Delivery::reliable || target.retain) return false;
    const auto timer = EmitTimer::start(nsp_.shared());
    auto text = encode_event(nsp_.name(), event, args);
    auto shared_target = std::make_shared<const Target>(target);
    net::ShardPool& shards = nsp_.shared().shards;
    const auto now = shards[0].clock().now();
    RoomDirectory::Shards to_post = 0;
    net::Shard* here = nullptr;
    std::uint64_t position = 0;
    {
        const std::lock_guard lock(mutex_);
        if (sessions_.empty()) return true;  // nobody is there, and nobody can come back for it
        position = log_.head() + 1;
        std::string offset;
        append_base36(offset, position);
        offset += '.';
        offset += mark_;
        append_offset(text, offset);
        const auto packet = Outgoing::make(text, args.attachments, target.compress, position);
        timer.encoded();
        log_.append(shared_target, packet, now);
        // Asked under the lock: a socket that joined its rooms and then read the log misses nothing.
        for (auto left = nsp_.shards_of(target); left != 0; left &= left - 1) {
            const auto id = net::ShardId(std::countr_zero(left));
            queues_[id].events.push_back({position, shared_target, packet, held, timer});
            if (shards[id].is_current()) {
                here = &shards[id];
            } else {
                to_post |= RoomDirectory::Shards(1) << id;
            }
        }
    }
    for (; to_post != 0; to_post &= to_post - 1) {
        net::Shard& shard = shards[net::ShardId(std::countr_zero(to_post))];
        shard.post([this, nsp = nsp_.shared_from_this(), &shard, position] { drain(shard, position); });
    }
    if (here) drain(*here, position);
    return true;
}

// No further than the event it is about: between that and the next one whoever emits may have posted a
// volatile event, or had sockets leave the room.
void LogRecovery::drain(net::Shard& shard, std::uint64_t position) {
    Queue& queue = queues_[shard.id()];
    std::unique_lock lock(mutex_);
    queue.due = std::max(queue.due, position);
    // What is emitted by those who are told of a socket's end in the middle of a delivery comes after it.
    if (queue.delivering != 0) return;
    while (!queue.events.empty() && queue.events.front().position <= queue.due) {
        const Queued next = std::move(queue.events.front());
        queue.events.pop_front();
        queue.delivering = next.position;
        lock.unlock();
        count_out(nsp_.shared().stats, next.packet.event_type(),
                  nsp_.local(shard).deliver(*next.target, next.packet, Delivery::reliable));
        next.timer.queued();
        lock.lock();
        queue.delivering = 0;
    }
}

std::uint64_t LogRecovery::settled(const Queue& queue) const {
    if (queue.delivering != 0) return queue.delivering - 1;
    return queue.events.empty() ? log_.head() : queue.events.front().position - 1;
}

void LogRecovery::on_left(SocketImpl& socket, DisconnectReason reason) {
    const SocketRecovery* own = socket.recovery();
    if (!own || own->pid.empty()) return;
    const auto now = socket.home().clock().now();
    std::vector<std::shared_ptr<void>> dropped;
    {
        const std::lock_guard lock(mutex_);
        if (is_recoverable(reason)) {
            kept_ = true;
            sessions_.left(own->pid,
                           {socket.id(), own->owner, own->start, own->last_sent,
                            settled(queues_[socket.home().id()]), socket.rooms(), socket.data()},
                           now);
        } else {
            sessions_.forget(own->pid);
        }
        sessions_.trim(now);
        dropped = sessions_.take_dropped();
    }
}

void LogRecovery::admit(const std::shared_ptr<SocketImpl>& socket) {
    SocketRecovery& own = socket->make_recovery();
    if (options_.owner && !socket->guarded("recovery", [&] { own.owner = options_.owner(*socket); })) {
        return;
    }
    if (own.pid.empty()) return admit_newcomer(socket);
    std::shared_ptr<SocketImpl> old;
    {
        const std::lock_guard lock(mutex_);
        old = sessions_.find_connected(own.pid);
    }
    if (!old) return admit_left(socket);
    // Its old connection still looks alive from here: ended first, and saved by that.
    net::Shard& home = old->home();
    home.dispatch([this, nsp = nsp_.shared_from_this(), old, weak = std::weak_ptr(socket), owner = own.owner,
                   back = &socket->home()] {
        if (const auto* theirs = old->recovery(); theirs && theirs->owner == owner) old->close_connection();
        back->dispatch([this, nsp, weak, old] {
            const auto waiting = weak.lock();
            if (!waiting || !waiting->awaiting_admission()) return;
            std::unique_lock lock(mutex_);
            const auto now = sessions_.find_connected(waiting->recovery()->pid);
            lock.unlock();
            // An attempt that the client has given up meanwhile may have been faster.
            if (now && now != old) return admit(waiting);
            admit_left(waiting);
        });
    });
}

void LogRecovery::admit_left(const std::shared_ptr<SocketImpl>& socket) {
    if (restore(socket)) return;
    count(nsp_.shared().stats.not_recovered);
    admit_newcomer(socket);
}

std::optional<std::uint64_t> LogRecovery::offset_position(std::string_view offset) const {
    const auto dot = offset.find('.');
    if (dot == std::string_view::npos || offset.substr(dot + 1) != mark_) return std::nullopt;
    std::uint64_t position = 0;
    const auto [end, error] = std::from_chars(offset.data(), offset.data() + dot, position, 36);
    if (error != std::errc() || end != offset.data() + dot) return std::nullopt;
    return position;
}

bool LogRecovery::restore(const std::shared_ptr<SocketImpl>& socket) {
    SocketRecovery& own = *socket->recovery();
    const auto now = socket->home().clock().now();
    std::unique_lock lock(mutex_);
    const SavedSession* found = sessions_.find(own.pid, now);
    if (!found || found->owner != own.owner) return false;
    const auto session = *sessions_.take(own.pid, now);
    lock.unlock();
    // Live events find their way to this shard from here on, and none is delivered before accept().
    const auto joined = socket->rooms();  // by the middleware
    for (const auto& room : session.rooms) socket->join(room);

    lock.lock();
    // What the client holds from an earlier session, or another process, says nothing about this one.
    const auto has = std::max(session.start, offset_position(own.offset).value_or(session.start));
    // A quiet session lives longer than the log: whoever has all that it was sent needs what came later.
    const bool has_all = has >= session.last_sent && has <= log_.head();
    auto missed = log_.after(has_all ? std::max(has, session.settled) : has, session.rooms);
    if (!missed) {
        lock.unlock();
        for (const auto& room : session.rooms) {
            if (std::find(joined.begin(), joined.end(), room) == joined.end()) socket->leave(room);
        }
        return false;
    }
    own.start = session.start;
    own.last_sent = missed->empty() ? has : missed->back().position;
    own.floor = log_.head();
    own.offset = {};
    sessions_.connected(own.pid, socket);
    lock.unlock();
    if (!socket->data()) socket->data() = session.data;
    count(nsp_.shared().stats.recovered);
    socket->accept({session.sid, own.pid, true, std::move(*missed)});
    return true;
}

void LogRecovery::admit_newcomer(const std::shared_ptr<SocketImpl>& socket) {
    SocketRecovery& own = *socket->recovery();
    own.pid = random_base64url(15);
    own.offset = {};
    {
        const std::lock_guard lock(mutex_);
        sessions_.connected(own.pid, socket);
        own.start = own.last_sent = own.floor = log_.head();
    }
    socket->accept({{}, own.pid, false, {}});
}

std::unique_ptr<Recovery> make_log_recovery(NamespaceImpl& nsp, LogRecoveryOptions options) {
    return std::make_unique<LogRecovery>(nsp, std::move(options));
}

}  // namespace pulse::socketio
