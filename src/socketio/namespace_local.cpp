// What a NamespaceImpl does with the sockets of this node: its LocalSockets half.
#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <mutex>
#include <numeric>

#include "base/log.hpp"
#include "socketio/handshake_json.hpp"
#include "socketio/held_events.hpp"
#include "socketio/namespace_impl.hpp"
#include "socketio/packet.hpp"
#include "socketio/retained_forget.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {
namespace {

// What several shards contribute, handed over when the last has.
template <class Item>
class Gathering {
public:
    using Done = std::function<void(std::vector<Item>)>;
    Gathering(unsigned shards, Done done) : left_(shards), done_(std::move(done)) {}

    void add(std::vector<Item> items) {
        std::unique_lock lock(mutex_);
        gathered_.insert(gathered_.end(), std::make_move_iterator(items.begin()),
                         std::make_move_iterator(items.end()));
        if (--left_ > 0) return;
        lock.unlock();
        done_(std::move(gathered_));
    }

private:
    std::mutex mutex_;
    unsigned left_;
    std::vector<Item> gathered_;
    const Done done_;
};

}  // namespace

bool NamespaceImpl::may_have(std::string_view room) const {
    return directory_.shards_of(room) != 0 || shard_of_socket_id(room, shared_->shards.size()) != 0;
}

RoomDirectory::Shards NamespaceImpl::shards_of(const Target& target) const {
    const unsigned count = shared_->shards.size();
    const auto all = ~RoomDirectory::Shards(0) >> (64 - count);
    if (target.rooms.empty() || joins_under_way_.load(std::memory_order_acquire) != 0) return all;
    RoomDirectory::Shards shards = 0;
    for (const auto& room : target.rooms) {
        shards |= directory_.shards_of(room) | shard_of_socket_id(room, count);
    }
    return shards;
}

template <class Work>
void NamespaceImpl::on_shards(RoomDirectory::Shards shards, const Target& target, const Work& work) {
    net::Shard* here = nullptr;
    std::shared_ptr<const Target> travelling;
    for (; shards != 0; shards &= shards - 1) {
        net::Shard& shard = shared_->shards[net::ShardId(std::countr_zero(shards))];
        if (shard.is_current()) {
            here = &shard;
            continue;
        }
        if (!travelling) travelling = std::make_shared<const Target>(target);
        shard.post(
            [self = shared_from_this(), work, travelling, &shard] { work(self->local(shard), *travelling); });
    }
    if (here) work(local(*here), target);
}

void NamespaceImpl::deliver(const Target& target, std::string_view event, const Args& args,
                            std::shared_ptr<void> held) {
    if (recovery_ && recovery_->take(target, event, args, held)) return;
    const auto shards = shards_of(target);
    // One that is being recovered is not counted yet, and is to get what comes from here on.
    const bool nobody = shards == 0 || (target.rooms.empty() && size() == 0 && !recovery_);
    if (!target.retain && nobody) return;
    const auto timer = EmitTimer::start(*shared_);
    auto text = encode_event(name_, event, args);
    std::uint64_t position = 0;
    if (recovery_ && is_offset(target.offset)) {
        append_offset(text, target.offset);
        position = recovery_->position_of(target.offset);
    } else if (recovery_) {
        guard_offset(text, args);
    }
    auto packet = Outgoing::make(text, args.attachments, target.compress, position);
    timer.encoded();
    // What has its place in a log is not left out for anybody; the policy of the namespace does not count for
    // it.
    const bool logged = recovery_ && is_offset(target.offset);
    const Delivery delivery = position != 0 ? Delivery::reliable
                              : logged      ? target.delivery
                                            : delivery_of_event(target.delivery);
    if (delivery == Delivery::newest) packet.slot = slot_of(target, event);
    if (target.retain) return deliver_retained(target, event, packet, delivery, std::move(held), timer);
    on_shards(shards, target,
              [stats = &shared_->stats, packet = std::move(packet), held = std::move(held), delivery, timer](
                  LocalNamespace& sockets, const Target& whom) {
                  count_out(*stats, packet.event_type(), sockets.deliver(whom, packet, delivery));
                  timer.queued();
              });
}

// To every shard: each has all values.
void NamespaceImpl::deliver_retained(const Target& target, std::string_view event, const Outgoing& packet,
                                     Delivery delivery, std::shared_ptr<void> held, EmitTimer timer) {
    const std::uint64_t version = 1 + retained_versions_.fetch_add(1, std::memory_order_relaxed);
    on_shards(shards_of({}), target,
              [shared = shared_, packet, delivery, version, held = std::move(held), timer,
               key = std::string(target.key.empty() ? event : target.key)](LocalNamespace& sockets,
                                                                           const Target& whom) {
                  count_out(shared->stats, packet.event_type(),
                            sockets.retain(whom, key, packet, delivery, version, *shared));
                  timer.queued();
              });
}

void NamespaceImpl::forget_here(const Target& target, std::optional<std::string> key) {
    const std::uint64_t version = 1 + retained_versions_.fetch_add(1, std::memory_order_relaxed);
    on_shards(shards_of({}), target,
              [key = std::move(key), version](LocalNamespace& sockets, const Target& whom) {
                  sockets.forget(whom, key, version);
              });
}

void NamespaceImpl::ask(const Target& target, std::string_view event, const Args& args, Duration timeout,
                        std::function<void(std::size_t)> asked,
                        std::function<void(std::optional<Args>)> answered) {
    auto shards = shards_of(target);
    if (shards == 0) shards = 1;             // somebody has to say that nobody was asked
    const std::uint64_t id = next_ack_id();  // one for every recipient, as the reference does it
    const auto packet = std::make_shared<const Outgoing>(
        Outgoing::make(encode_event(name_, event, args, id), args.attachments, target.compress));
    const auto total = std::make_shared<Gathering<std::size_t>>(
        unsigned(std::popcount(shards)), [asked = std::move(asked)](std::vector<std::size_t> counts) {
            asked(std::accumulate(counts.begin(), counts.end(), std::size_t(0)));
        });
    on_shards(shards, target,
              [stats = &shared_->stats, packet, id, timeout, total, answered = std::move(answered)](
                  LocalNamespace& sockets, const Target& whom) {
                  std::size_t asked_here = 0;
                  for (const auto& socket : sockets.select(whom)) {
                      if (!socket->connected()) continue;
                      ++asked_here;
                      if (!socket->expect_ack(id, timeout, answered)) {
                          answered(std::nullopt);
                      } else if (socket->deliver(*packet, whom.delivery)) {
                          count_out(*stats, packet->event_type());
                      } else {
                          socket->give_up_ack(id);
                      }
                  }
                  total->add({asked_here});
              });
}

// Of a join that waits at another shard the directory knows nothing. As long as there is one, all shards are
// asked: who moves sockets into a room and then emits to it reaches them, as in Node.
std::shared_ptr<void> NamespaceImpl::expect_joins() {
    joins_under_way_.fetch_add(1, std::memory_order_relaxed);
    return {this,
            [](NamespaceImpl* self) { self->joins_under_way_.fetch_sub(1, std::memory_order_release); }};
}

void NamespaceImpl::join(const Target& target, const std::vector<std::string>& rooms) {
    each_target(target, [rooms, done = expect_joins()](Socket& socket) {
        for (const auto& room : rooms) socket.join(room);
    });
}

void NamespaceImpl::leave(const Target& target, const std::vector<std::string>& rooms) {
    each_target(target, [rooms](Socket& socket) {
        for (const auto& room : rooms) socket.leave(room);
    });
}

void NamespaceImpl::disconnect(const Target& target, bool close) {
    each_target(target, [close](Socket& socket) { socket.disconnect(close); });
}

void NamespaceImpl::end_socket(const std::string& id, std::function<void()> done) {
    Target target;
    target.rooms.push_back(id);
    const auto shards = shards_of(target);
    if (shards == 0) return done();
    const auto all = std::make_shared<Gathering<char>>(
        unsigned(std::popcount(shards)), [done = std::move(done)](const std::vector<char>&) { done(); });
    on_shards(shards, target, [all](LocalNamespace& sockets, const Target& whom) {
        for (const auto& socket : sockets.select(whom)) socket->close_connection();
        all->add({});
    });
}

void NamespaceImpl::fetch(const Target& target, std::function<void(std::vector<RemoteSocket>)> done) {
    fetch_some(target, std::numeric_limits<std::size_t>::max(), std::move(done));
}

void NamespaceImpl::sample(std::size_t most, std::function<void(std::vector<RemoteSocket>)> done) {
    fetch_some({}, most, std::move(done));
}

void NamespaceImpl::fetch_some(const Target& target, std::size_t most_per_shard,
                               std::function<void(std::vector<RemoteSocket>)> done) {
    auto shards = shards_of(target);
    if (shards == 0) shards = 1;  // somebody has to call `done`
    const auto all =
        std::make_shared<Gathering<RemoteSocket>>(unsigned(std::popcount(shards)), std::move(done));
    on_shards(shards, target,
              [self = shared_from_this(), all, most_per_shard](LocalNamespace& sockets, const Target& whom) {
                  std::vector<RemoteSocket> here;
                  for (const auto& socket : sockets.select(whom)) {
                      if (!socket->connected()) continue;
                      if (here.size() == most_per_shard) break;
                      here.push_back(self->describe(*socket));
                  }
                  all->add(std::move(here));
              });
}

RemoteSocket NamespaceImpl::describe(SocketImpl& socket) const {
    boost::json::value data = boost::json::object();
    if (describe_) socket.guarded("description", [&] { data = describe_(socket); });
    if (Monitor* monitor = shared_->monitor.get()) monitor->annotate(socket, data);
    return {socket.id(), handshake_json(socket.handshake()), socket.rooms(), std::move(data)};
}

void NamespaceImpl::list_rooms(std::function<void(std::vector<std::string>)> done) {
    const auto all = std::make_shared<Gathering<std::string>>(
        shared_->shards.size(), [done = std::move(done)](std::vector<std::string> names) {
            // A room has members on several shards.
            std::sort(names.begin(), names.end());
            names.erase(std::unique(names.begin(), names.end()), names.end());
            done(std::move(names));
        });
    on_shards(shards_of({}), {},
              [all](LocalNamespace& sockets, const Target&) { all->add(sockets.rooms().names()); });
}

bool NamespaceImpl::receive_server_side(std::string_view event, const Args& args, const Ack& ack) {
    if (event == forget_event) {
        if (auto what = read_forget(args)) forget_here(what->first, std::move(what->second));
        return true;
    }
    bool handled = false;
    for (const auto& handler : server_side_handlers_) {
        if (handler.event != event) continue;
        handled = true;
        try {
            handler.call(args, ack);
        } catch (const std::exception& error) {
            log::error("socket.io: a server-side handler of {} threw: {}", name_, error.what());
        } catch (...) {
            log::error("socket.io: a server-side handler of {} threw", name_);
        }
    }
    return handled;
}

void NamespaceImpl::room_changed(std::string_view room, bool present) {
    adapter_->on_room(room, present);
    tell_created(room, present);
}

// Posted, for this may be called under the room's lock; to one shard, so that the order stays.
void NamespaceImpl::tell_created(std::string_view room, bool present) {
    if (!room_events_ || !(present ? room_events_->created : room_events_->deleted)) return;
    shared_->shards[0].post([self = shared_from_this(), name = std::string(room), present] {
        try {
            (present ? self->room_events_->created : self->room_events_->deleted)(name);
        } catch (const std::exception& error) {
            log::error("socket.io: a room handler of {} threw: {}", self->name_, error.what());
        }
    });
}

void NamespaceImpl::tell_joined(std::string_view room, SocketImpl& socket) {
    if (Monitor* watcher = shared_->watcher()) watcher->joined(socket, room);
    if (!room_events_ || !room_events_->joined) return;
    socket.guarded("room handler", [&] { room_events_->joined(room, socket); });
}

void NamespaceImpl::tell_left(std::string_view room, SocketImpl& socket) {
    if (Monitor* watcher = shared_->watcher()) watcher->left(socket, room);
    if (!room_events_ || !room_events_->left) return;
    socket.guarded("room handler", [&] { room_events_->left(room, socket); });
}

void NamespaceImpl::tell_own_room(SocketImpl& socket, bool present) {
    tell_created(socket.id(), present);
    if (present) tell_joined(socket.id(), socket);
}

void NamespaceImpl::each_target(const Target& target, std::function<void(Socket&)> work) {
    on_shards(shards_of(target), target,
              [work = std::move(work)](LocalNamespace& sockets, const Target& whom) {
                  for (const auto& socket : sockets.select(whom)) {
                      if (!socket->connected()) continue;
                      socket->guarded("work for a room", [&] { work(*socket); });
                  }
              });
}

}  // namespace pulse::socketio
