// What a node does of its own accord; node_receive.cpp is what it does when asked.
#include "socketio/redis_adapter/node.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "socketio/shared.hpp"

namespace pulse::socketio::redis_adapter {
namespace {

// As Node's uid2(6): the name of an adapter, or how that of a request begins.
std::string make_id() {
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char bytes[6];
    random_bytes(bytes);
    std::string id;
    for (const auto byte : bytes) id += alphabet[byte % alphabet.size()];
    return id;
}

std::string name_of(const std::weak_ptr<LocalSockets>& here) { return here.lock()->name(); }

}  // namespace

Node::Node(std::shared_ptr<Bus> bus, std::weak_ptr<LocalSockets> here, Options options)
    : bus_(std::move(bus)),
      home_(bus_->home()),
      here_(std::move(here)),
      options_(std::move(options)),
      stats_(options_.stats),
      nsp_(name_of(here_)),
      uid_(make_id()),
      channels_(options_.prefix, nsp_, uid_),
      own_mark_(MsgpackWriter().array(3).text(uid_).take()),
      max_attachments_(here_.lock()->max_attachments()),
      rooms_(options_.unsubscribe_after),
      timer_(home_.timers(), [this] { run_due(); }) {}

void Node::start() {
    home_.dispatch([self = shared_from_this()] {
        const std::size_t messages = self->options_.max_message_bytes;
        const std::size_t answers = self->options_.max_answer_bytes;
        self->listen(self->channels_.broadcasts, &Node::receive_broadcast, messages);
        self->listen(self->channels_.requests, &Node::receive_request, messages);
        self->listen(self->channels_.responses, &Node::receive_response, answers);
        self->listen(self->channels_.own_responses, &Node::receive_response, answers);
    });
}

void Node::end() {
    // Later, not here: the last use of a node may be from within what it calls.
    home_.post([self = shared_from_this()] {
        self->ended_ = true;
        self->timer_.cancel();
        self->pending_.expire_all();
        const Channels& names = self->channels_;
        for (const auto* channel :
             {&names.broadcasts, &names.requests, &names.responses, &names.own_responses}) {
            self->bus_->unsubscribe(*channel);
        }
        for (const auto& room : self->rooms_.take_all()) self->bus_->unsubscribe(names.room(room));
        self->count_subscriptions();
    });
}

// By chance, so that other nodes do not draw the same; and counted, so that none is drawn twice here, where
// an answer would go to the wrong question.
std::string Node::make_request_id() { return make_id() + std::to_string(++asked_); }

void Node::publish(std::string_view channel, std::string_view body) {
    if (!bus_->up()) return count(stats_->unpublished);
    bus_->publish(channel, body);
}

void Node::broadcast(const Target& target, std::string_view event, const Args& args) {
    if (const Here here = here_.lock()) here->deliver(target, event, args, nullptr);
    if (!bus_->up()) {
        count(stats_->unpublished);  // and is not even written
        return;
    }
    const std::string body = encode_broadcast(uid_, nsp_, event, args, target, options_.encoding);
    // A node without members subscribes to no room's channel, but has to know what the room retains.
    if (target.rooms.size() == 1 && !target.retain) {
        publish(channels_.room(target.rooms[0]), body);
    } else {
        publish(channels_.broadcasts, body);
    }
}

void Node::broadcast_with_ack(const Target& target, std::string_view event, const Args& args,
                              Duration timeout, const std::shared_ptr<BroadcastAcks>& acks) {
    acks->expect_count();
    if (const Here here = here_.lock()) {
        here->ask(
            target, event, args, timeout, [acks](std::size_t asked) { acks->counted(asked); },
            [acks](std::optional<Args> answer) { acks->answered(std::move(answer)); });
    } else {
        acks->counted(0);
    }
    if (!bus_->up()) {
        count(stats_->unpublished);
        return;
    }
    acks->expect_count();
    const std::string id = make_request_id();
    // Registered before anybody can answer: both happen on the home shard, one after the other.
    home_.dispatch([self = shared_from_this(), id, timeout, acks] {
        self->add_pending(id, timeout, AskingClients{acks});
        self->count_others([self, id](std::optional<std::size_t> others) {
            if (others) self->pending_.expect_nodes(id, *others);
        });
    });
    publish(channels_.requests,
            encode_broadcast_with_ack(uid_, id, nsp_, event, args, target, timeout, options_.encoding));
}

void Node::sockets_join(const Target& target, const std::vector<std::string>& rooms) {
    const std::string id = make_request_id();
    command(id, encode_move(uid_, id, true, target, rooms),
            [target, rooms](LocalSockets& here) { here.join(target, rooms); });
}

void Node::sockets_leave(const Target& target, const std::vector<std::string>& rooms) {
    const std::string id = make_request_id();
    command(id, encode_move(uid_, id, false, target, rooms),
            [target, rooms](LocalSockets& here) { here.leave(target, rooms); });
}

void Node::disconnect_sockets(const Target& target, bool close) {
    const std::string id = make_request_id();
    command(id, encode_disconnect(uid_, id, target, close),
            [target, close](LocalSockets& here) { here.disconnect(target, close); });
}

void Node::command(std::string id, std::string body, std::function<void(LocalSockets&)> carry_out) {
    const auto here_and_now = [here = here_, carry_out = std::move(carry_out)] {
        if (const Here sockets = here.lock()) carry_out(*sockets);
    };
    if (!bus_->up()) {
        count(stats_->unpublished);
        return here_and_now();
    }
    home_.dispatch([self = shared_from_this(), id = std::move(id), here_and_now] {
        self->add_pending(id, self->options_.own_command_within, OwnCommand{here_and_now});
    });
    publish(channels_.requests, body);
}

void Node::fetch_sockets(const Target& target, std::function<void(FetchedSockets)> done) {
    const Here here = here_.lock();
    if (!here) return done({{}, false});
    here->fetch(
        target, [self = shared_from_this(), target, done = std::move(done)](std::vector<RemoteSocket> local) {
            self->home_.dispatch([self, target, done, local = std::move(local)]() mutable {
                self->count_others([self, target, done = std::move(done),
                                    local = std::move(local)](std::optional<std::size_t> others) mutable {
                    FetchedSockets gathered{std::move(local), others.has_value()};
                    if (others.value_or(0) == 0) return done(std::move(gathered));
                    self->ask_for_sockets(target, std::move(gathered), *others, std::move(done));
                });
            });
        });
}

void Node::ask_for_sockets(const Target& target, FetchedSockets local, std::size_t nodes,
                           std::function<void(FetchedSockets)> done) {
    const std::string id = make_request_id();
    add_pending(id, options_.requests_timeout, FetchingSockets{nodes, std::move(local), std::move(done)});
    publish(channels_.requests, encode_fetch(uid_, id, target));
}

void Node::server_side_emit(std::string_view event, const Args& args) {
    publish(channels_.requests, encode_server_side_emit(uid_, "", event, args));
}

void Node::server_side_emit_with_ack(std::string_view event, const Args& args,
                                     std::function<void(ServerSideAnswers)> done) {
    const std::string id = make_request_id();
    const auto body = std::make_shared<const std::string>(encode_server_side_emit(uid_, id, event, args));
    home_.dispatch([self = shared_from_this(), id, body, done = std::move(done)]() mutable {
        self->count_others(
            [self, id, body, done = std::move(done)](std::optional<std::size_t> others) mutable {
                if (others.value_or(0) == 0) return done({{}, others.has_value()});
                self->add_pending(id, self->options_.requests_timeout,
                                  AskingServers{*others, {}, std::move(done)});
                self->publish(self->channels_.requests, *body);
            });
    });
}

void Node::count_others(std::function<void(std::optional<std::size_t>)> done) {
    if (ended_ || !bus_->up()) return done(std::nullopt);
    // While our own subscriptions are being renewed we are not among those who answer.
    bus_->count_subscribers({channels_.requests, channels_.own_responses},
                            [done = std::move(done)](const Bus::Counts& counts) {
                                if (!counts) return done(std::nullopt);
                                const std::uint64_t own = std::min<std::uint64_t>(1, (*counts)[1]);
                                done(std::size_t(std::max((*counts)[0], own) - own));
                            });
}

void Node::add_pending(std::string id, Duration within, Pending pending) {
    const bool refused = ended_ || pending_.size() >= options_.max_requests;
    pending_.add(std::move(id), refused ? TimePoint::min() : home_.timers().now() + within,
                 std::move(pending));
    if (refused) pending_.expire(TimePoint::min());
    rearm();
}

void Node::rearm() {
    const TimePoint due = std::min(pending_.next_deadline(), rooms_.next_due());
    if (ended_ || due == TimePoint::max()) return timer_.cancel();
    timer_.arm(std::max(Duration::zero(), due - home_.timers().now()));
}

void Node::run_due() {
    const auto self = shared_from_this();
    const TimePoint now = home_.timers().now();
    count(stats_->timeouts, pending_.expire(now));
    for (const auto& room : rooms_.take_idle(now)) bus_->unsubscribe(channels_.room(room));
    count_subscriptions();
    rearm();
}

void Node::count_subscriptions() {
    // Other namespaces count in the same place.
    const std::size_t now = rooms_.size();
    stats_->subscriptions.fetch_add(now - subscriptions_counted_, std::memory_order_relaxed);
    subscriptions_counted_ = now;
}

void Node::on_room(std::string_view room, bool present) {
    bool first = false;
    {
        const std::lock_guard lock(presence_mutex_);
        first = presence_.empty();
        presence_.emplace_back(room, present);
    }
    // One visit for whatever happens until the home shard comes to it.
    if (first) home_.post([self = shared_from_this()] { self->apply_presence(); });
}

void Node::on_socket(const std::string& id, bool present) { on_room(id, present); }

void Node::apply_presence() {
    std::vector<std::pair<std::string, bool>> changes;
    {
        const std::lock_guard lock(presence_mutex_);
        changes.swap(presence_);
    }
    if (ended_) return;
    const TimePoint now = home_.timers().now();
    for (const auto& [room, present] : changes) {
        if (!present) {
            rooms_.remove(room, now);
        } else if (rooms_.add(room)) {
            listen(channels_.room(room), &Node::receive_broadcast, options_.max_message_bytes);
        }
    }
    count_subscriptions();
    rearm();
}

std::shared_ptr<Adapter> make_node(std::shared_ptr<Bus> bus, std::weak_ptr<LocalSockets> here,
                                   Options options) {
    const auto node = std::make_shared<Node>(std::move(bus), std::move(here), std::move(options));
    node->start();
    // The node itself lives on while something of it is on its way to its home shard.
    return {node.get(), [node](Adapter*) { node->end(); }};
}

}  // namespace pulse::socketio::redis_adapter
