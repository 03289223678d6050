#include "socketio/socket_impl.hpp"

#include "base/log.hpp"
#include "socketio/client.hpp"
#include "socketio/msgpack_packet.hpp"
#include "socketio/namespace_impl.hpp"
#include "socketio/room_directory.hpp"

namespace pulse::socketio {

namespace {

// A broadcast sends one packet to many sockets of this shard in a row: it is written in msgpack once.
engineio::FramePtr shared_msgpack(const Outgoing& packet) {
    thread_local engineio::FramePtr text;  // held, so that no other comes to stand in its place
    thread_local engineio::FramePtr msgpack;
    if (text != packet.text) {
        msgpack = to_msgpack(packet);
        text = packet.text;
    }
    return msgpack;
}

}  // namespace

SocketImpl::SocketImpl(Client& client, std::shared_ptr<NamespaceImpl> nsp, boost::json::object auth)
    : client_(&client),
      session_(&client.session()),
      nsp_(std::move(nsp)),
      home_(client.session().home()),
      msgpack_(client.parser() == Parser::msgpack),
      issued_(home_.clock().wall_now()),
      id_(make_socket_id(home_.id())) {
    if (!auth.empty()) auth_ = std::make_unique<const boost::json::object>(std::move(auth));
}

Namespace& SocketImpl::nsp() { return *nsp_; }

const std::string& SocketImpl::nsp_name() const { return nsp_->name(); }

std::shared_ptr<Client> SocketImpl::client() const { return client_ ? client_->shared_from_this() : nullptr; }

LocalNamespace& SocketImpl::local() const { return nsp_->local(home_); }

HandshakeView SocketImpl::handshake() const {
    static const net::Request gone;
    static const boost::json::object nothing;
    return {session_ ? session_->handshake().request : gone, issued_, auth_ ? *auth_ : nothing};
}

void SocketImpl::emit_as(const EmitOptions& how, std::string_view event, const Args& args) {
    check_sendable(event, args, nsp_->shared().options.max_attachments);
    if (!connected()) return;
    const auto timer = EmitTimer::start(nsp_->shared());
    auto text = encode_event(nsp_name(), event, args);
    if (Recovery* recovery = nsp_->recovery()) {
        Target me;
        me.rooms.push_back(id_);
        me.delivery = how.delivery;
        me.compress = how.compress;
        if (recovery->take(me, event, args, nullptr)) return;
        guard_offset(text, args);
    }
    auto packet = Outgoing::make(text, args.attachments, how.compress);
    timer.encoded();
    const Delivery delivery = nsp_->delivery_of_event(how.delivery);
    if (delivery == Delivery::newest) {
        Target me;
        me.rooms.push_back(id_);
        packet.slot = slot_of(me, event);
    }
    if (!deliver(packet, delivery)) return;
    count_out(nsp_->shared().stats, packet.event_type());
    timer.queued();
}

void SocketImpl::emit_with_ack_as(const EmitOptions& how, std::string_view event, const Args& args,
                                  AckCallback done) {
    check_sendable(event, args, nsp_->shared().options.max_attachments);
    const std::uint64_t id = nsp_->next_ack_id();
    if (!connected() || !expect_ack(id, how.timeout, done)) {
        done(std::nullopt);
        return;
    }
    const auto packet =
        Outgoing::make(encode_event(nsp_name(), event, args, id), args.attachments, how.compress);
    if (deliver(packet, Delivery::reliable)) count_out(nsp_->shared().stats, packet.event_type());
}

void SocketImpl::join(std::string_view room) {
    if (state_ == State::gone) return;
    RoomTable& rooms = local().rooms();
    const Room* there = rooms.find(room);
    if (there && in(*there)) return rooms.join(*this, room);  // it may be listed from now on
    if (rooms.rooms_of_count(*this) >= nsp_->shared().options.max_rooms_per_socket) {
        log::warn("socket.io: a socket of {} is in {} rooms and was not added to another", nsp_name(),
                  nsp_->shared().options.max_rooms_per_socket);
        return;
    }
    rooms.join(*this, room);
    if (connected()) send_retained(room);  // before that, accept() sends it
    nsp_->tell_joined(room, *this);
}

void SocketImpl::send_retained(std::optional<std::string_view> room) {
    const RetainedValues* values = local().retained();
    if (!values) return;
    for (const auto& packet : values->of(room)) {
        if (deliver(packet, packet.slot ? Delivery::newest : Delivery::reliable)) {
            count_out(nsp_->shared().stats, packet.event_type());
        }
    }
}

void SocketImpl::leave(std::string_view room) {
    RoomTable& rooms = local().rooms();
    const Room* there = rooms.find(room);
    if (!there || !in(*there)) return;
    const std::string name(room);  // may be the room's own text, which ends with its last member
    rooms.leave(*this, name);
    nsp_->tell_left(name, *this);
}

void SocketImpl::leave_all_rooms() {
    const auto left = nsp_->wants_room_events() ? rooms() : std::vector<std::string>();
    local().rooms().leave_all(*this);
    for (const auto& room : left) nsp_->tell_left(room, *this);
}

std::vector<std::string> SocketImpl::rooms() const { return local().rooms().rooms_of(*this); }

BroadcastOperator SocketImpl::broadcast() { return nsp_->except(id_); }

void SocketImpl::disconnect(bool close) {
    if (state_ == State::gone) return;
    if (close) {
        client_->disconnect_all();
    } else if (state_ == State::connecting) {
        refuse(ConnectError{"Connection refused"});
    } else {
        leave_with_notice();
    }
}

void SocketImpl::close_connection() {
    if (client_) client_->close(DisconnectReason::forced_server_close);
}

engineio::TransportKind SocketImpl::transport() const {
    return session_ ? session_->transport() : engineio::TransportKind::polling;
}

std::function<void(std::function<void(Socket&)>)> SocketImpl::handle() {
    return [weak = weak_from_this(), home = &home_](std::function<void(Socket&)> work) {
        home->dispatch([weak, work = std::move(work)] {
            const auto socket = weak.lock();
            if (!socket || !socket->connected()) return;
            socket->guarded("work for a socket", [&] { work(*socket); });
        });
    };
}

void SocketImpl::note_return() {
    if (!auth_) return;
    const auto text = [this](std::string_view name, std::size_t longest) -> std::string {
        const auto* value = auth_->if_contains(name);
        if (!value || !value->is_string() || value->get_string().size() > longest) return {};
        return {value->get_string().data(), value->get_string().size()};
    };
    auto pid = text("pid", 512);
    if (pid.empty()) return;
    make_recovery().pid = std::move(pid);
    recovery_->offset = text("offset", 128);
}

SocketRecovery& SocketImpl::make_recovery() {
    if (!recovery_) recovery_ = std::make_unique<SocketRecovery>();
    return *recovery_;
}

// Not before the middleware and recovery are done: these end the connection that a returning client had.
bool SocketImpl::is_seated() {
    bool seated = false;
    const auto self = shared_from_this();
    // What the application is asked on the way here may end the socket, also before it is asked this.
    if (awaiting_admission()) {
        guarded("the function of limit_sockets_per_user()", [&] { seated = nsp_->seat(*this); });
    }
    if (seated && awaiting_admission()) return true;
    // What recovery knows of it must not stay.
    if (nsp_->recovery()) nsp_->recovery()->on_left(*this, DisconnectReason::server_namespace_disconnect);
    if (awaiting_admission()) refuse(ConnectError{"Too many connections"});
    return false;
}

void SocketImpl::accept(Admission how) {
    if (!is_seated()) return;
    if (!how.sid.empty()) id_ = std::move(how.sid);
    recovered_ = how.recovered;
    state_ = State::connected;
    local().rooms().enter(*this);
    // An id that was made elsewhere does not lead to this shard, so its room is listed.
    const bool made_here = shard_of_socket_id(id_, nsp_->shared().shards.size()) == RoomDirectory::Shards(1)
                                                                                        << home_.id();
    local().rooms().join(*this, id_, made_here ? Listing::unlisted : Listing::listed);
    nsp_->adapter().on_socket(id_, true);
    count(nsp_->shared().stats.connects);
    count(nsp_->shared().stats.connected);
    nsp_->count_connected(1);
    client_->joined(nsp_name());
    client_->send(PacketType::connect, encode_connect(nsp_name(), id_, how.pid));
    if (Monitor* watcher = nsp_->shared().watcher()) watcher->connected(*this);
    for (const auto& packet : how.missed) {
        if (!connected()) return;  // that was more than fits into its buffer
        send(packet);
        count_out(nsp_->shared().stats, packet.event_type());
    }
    if (local().retained()) {
        send_retained(std::nullopt);
        for (const auto& room : rooms()) send_retained(room);
    }
    // Only now the application hears of it: nothing may be sent before the answer to CONNECT. Recovery has
    // had the rooms of a returning socket joined, and told, already.
    if (!recovered_ && connected()) nsp_->tell_own_room(*this, true);
    nsp_->run_connection_handlers(*this);
}

void SocketImpl::refuse(const ConnectError& error) {
    const auto self = shared_from_this();
    const auto client = std::exchange(client_, nullptr)->shared_from_this();
    state_ = State::gone;
    session_ = nullptr;
    count(nsp_->shared().stats.refused);
    leave_all_rooms();  // middleware may have joined some
    client->forget(*this);
    client->send(PacketType::connect_error, encode_connect_error(nsp_name(), error));
}

void SocketImpl::receive_event(std::string name, Args args, std::optional<AckId> id) {
    const auto self = shared_from_this();  // a handler may disconnect it
    if (Monitor* watcher = nsp_->shared().watcher()) watcher->received(*this, name, args);
    events_.receive(*this, std::move(name), std::move(args), id ? make_ack(*id) : Ack());
}

void SocketImpl::report(const EventError& error) {
    const auto self = shared_from_this();
    events_.report(*this, error);
}

std::size_t SocketImpl::max_held_events() const { return nsp_->shared().options.max_held_events; }

Ack SocketImpl::make_ack(AckId id) {
    auto answered = std::make_shared<std::atomic<bool>>(false);
    return Ack([weak = weak_from_this(), home = &home_, id, answered = std::move(answered)](Args args) {
        if (answered->exchange(true)) return;
        home->dispatch([weak, id, args = std::move(args)] {
            const auto socket = weak.lock();
            if (socket) socket->guarded("acknowledgement", [&] { socket->send_ack(id, args); });
        });
    });
}

void SocketImpl::send_ack(AckId id, const Args& args) {
    check_sendable(args, nsp_->shared().options.max_attachments);
    const auto packet = Outgoing::make(encode_ack(nsp_name(), id, args), args.attachments);
    const auto type = args.attachments.empty() ? PacketType::ack : PacketType::binary_ack;
    if (deliver(packet, Delivery::reliable)) count_out(nsp_->shared().stats, type);
}

void SocketImpl::receive_ack(std::uint64_t id, Args args) { settle_ack(id, std::move(args)); }

void SocketImpl::give_up_ack(std::uint64_t id) { settle_ack(id, std::nullopt); }

void SocketImpl::settle_ack(std::uint64_t id, std::optional<Args> answer) {
    if (!acks_) return;
    const auto done = acks_->table.take(id);
    if (!done) return;  // unknown, answered before, or too late: no business of anybody
    rearm_ack_timer();
    const auto self = shared_from_this();
    guarded("acknowledgement callback", [&] { (*done)(std::move(answer)); });
}

bool SocketImpl::expect_ack(std::uint64_t id, Duration timeout, AckCallback done) {
    if (!acks_) {
        acks_.reset(new PendingAcks{{}, net::Timer(home_.timers(), [this] { fail_overdue_acks(); })});
    }
    if (acks_->table.size() >= nsp_->shared().options.max_pending_acks) return false;
    acks_->table.add(id, home_.timers().now() + timeout, std::move(done));
    rearm_ack_timer();
    return true;
}

void SocketImpl::fail_overdue_acks() {
    auto self = shared_from_this();
    for (const auto& done : acks_->table.take_overdue(home_.timers().now())) {
        guarded("acknowledgement callback", [&] { done(std::nullopt); });
    }
    rearm_ack_timer();
    // The callbacks may have ended this socket; its timer must not be destroyed while it calls us.
    home_.post([self = std::move(self)] {});
}

void SocketImpl::rearm_ack_timer() {
    if (const auto deadline = acks_->table.next_deadline()) {
        acks_->timer.arm(std::max(Duration::zero(), *deadline - home_.timers().now()));
    } else {
        acks_->timer.cancel();
    }
}

void SocketImpl::leave_with_notice() {
    const auto self = shared_from_this();
    if (held_) {
        for (const auto held = std::move(held_); connected() && !held->empty();) tell_and_send(held->take());
    }
    if (connected()) client_->send(PacketType::disconnect, encode_disconnect(nsp_name()));
    end(DisconnectReason::server_namespace_disconnect);
}

void SocketImpl::end(DisconnectReason reason) {
    if (state_ == State::gone) return;
    const auto self = shared_from_this();
    const bool was_connected = connected();
    if (was_connected && nsp_->recovery()) nsp_->recovery()->on_left(*this, reason);
    state_ = State::gone;
    leave_all_rooms();
    client_->forget(*this);
    if (was_connected) {
        nsp_->adapter().on_socket(id_, false);
        if (!recovered_) nsp_->tell_own_room(*this, false);
        client_->left(nsp_name());
        Stats& stats = nsp_->shared().stats;
        stats.connected.fetch_sub(1, std::memory_order_relaxed);
        count(stats.disconnects[std::size_t(reason)]);
        nsp_->count_connected(-1);
        if (acks_) {
            for (const auto& done : acks_->table.take_all()) {
                guarded("acknowledgement callback", [&] { done(std::nullopt); });
            }
            acks_->timer.cancel();
        }
        if (Monitor* watcher = nsp_->shared().watcher()) watcher->disconnected(*this, reason);
        events_.tell_disconnect(*this, reason);
    }
    client_ = nullptr;
    session_ = nullptr;
    held_.reset();
    seat_.reset();
}

bool SocketImpl::deliver(const Outgoing& packet, Delivery delivery) {
    if (!connected()) return false;
    if (packet.position != 0 && recovery_) {
        if (packet.position <= recovery_->floor) return false;  // was replayed to it
        recovery_->last_sent = packet.position;
    }
    if (held_ || (delivery != Delivery::reliable && is_behind())) return deliver_to_slow(packet, delivery);
    // Held where it is looked at again: what is sent may be its end.
    const auto self = nsp_->closes_early() ? shared_from_this() : nullptr;
    if (!tell_and_send(packet)) return false;
    if (self && connected() && !session_->writable() && is_over_bounds()) {
        session_->discard(engineio::CloseReason::too_slow);
    }
    return true;
}

bool SocketImpl::is_behind() const {
    if (session_->writable()) return false;
    return nsp_->slow_clients().policy == SlowClients::Policy::close || is_over_bounds();
}

bool SocketImpl::is_over_bounds() const {
    const SlowClients& bounds = nsp_->slow_clients();
    return session_->buffered_packets() >= bounds.max_packets ||
           session_->buffered_bytes() >= bounds.max_bytes;
}

// What is held keeps everything behind it waiting, so that all of it leaves in the order of the calls.
bool SocketImpl::deliver_to_slow(const Outgoing& packet, Delivery delivery) {
    if (delivery == Delivery::may_drop) {
        count(nsp_->shared().stats.volatile_dropped);
        return false;
    }
    if (!held_) {
        held_ = std::make_unique<HeldEvents>();
        session_->tell_when_writable();
    }
    const bool merged = held_->put(packet);
    if (merged) count(nsp_->shared().stats.conflated);
    const Options& options = nsp_->shared().options;
    // One alone may be larger than the limit, as in a session.
    if (held_->size() > options.max_conflated_packets ||
        (held_->bytes() > options.max_conflated_bytes && held_->size() > 1)) {
        session_->discard(engineio::CloseReason::too_slow);
    }
    return !merged;
}

void SocketImpl::send_held() {
    const auto self = shared_from_this();
    for (std::size_t sent = 0; connected() && held_ && sent < held_bytes_at_once && session_->writable();) {
        const Outgoing next = held_->take();
        if (held_->empty()) held_.reset();
        sent += next.bytes();
        tell_and_send(next);
    }
    if (connected() && held_) session_->tell_when_writable();
}

bool SocketImpl::tell_and_send(const Outgoing& packet) {
    const bool told = events_.wants_outgoing();
    const auto self = told || !packet.binaries.empty() ? shared_from_this() : nullptr;  // as in deliver()
    if (told) {
        events_.tell_outgoing(*this, packet);
        if (!connected()) return false;
    }
    if (Monitor* watcher = nsp_->shared().watcher()) watcher->sent(*this, packet);
    send(packet);
    return true;
}

void SocketImpl::send(const Outgoing& packet) {
    if (msgpack_) return session_->send(shared_msgpack(packet));
    session_->send(packet.text);
    for (const auto& bytes : packet.binaries) {
        if (!connected()) return;  // the text was one too many: closed as too slow
        session_->send(bytes);
    }
}

void SocketImpl::failed(std::string_view what, std::string_view why) {
    log::error("socket.io: {} of {} threw: {}; its connection is closed", what, nsp_name(), why);
    if (client_) client_->close(DisconnectReason::forced_server_close);
}

}  // namespace pulse::socketio
