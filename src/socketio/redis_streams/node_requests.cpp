// What asks for answers, here and at the other nodes: published, not in the stream. All of what comes is on
// the home shard, and none of it believed before it was looked at.
#include <algorithm>
#include <atomic>
#include <utility>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "socketio/broadcast_acks.hpp"
#include "socketio/handshake_json.hpp"
#include "socketio/redis_streams/ids.hpp"
#include "socketio/redis_streams/node.hpp"
#include "socketio/shared.hpp"

namespace pulse::socketio::redis_streams {
using namespace cluster;  // NOLINT(google-build-using-namespace): what both formats write alike

void Node::publish(std::string_view channel, std::string_view body) {
    if (!bus_.up()) return count(stats_->unpublished);
    bus_.publish(channel, body);
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
    if (!bus_.up()) return count(stats_->unpublished);
    acks->expect_count();
    const std::string id = make_id();
    // Registered before anybody can answer: both happen on the home shard, one after the other.
    home_.dispatch([self = shared_from_this(), id, timeout, acks] {
        self->add_pending(id, timeout, AskingClients{acks});
        self->count_others([self, id](std::optional<std::size_t> others) {
            if (others) self->pending_.expect_nodes(id, *others);
        });
    });
    publish(channel_, encode_broadcast_with_ack(sender(), id, event, args, target, timeout));
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
    const std::string id = make_id();
    add_pending(id, options_.requests_timeout, FetchingSockets{nodes, std::move(local), std::move(done)});
    publish(channel_, encode_fetch(sender(), id, target));
}

void Node::server_side_emit(std::string_view event, const Args& args) {
    publish(channel_, encode_server_side_emit(sender(), "", event, args));
}

void Node::server_side_emit_with_ack(std::string_view event, const Args& args,
                                     std::function<void(ServerSideAnswers)> done) {
    const std::string id = make_id();
    const auto body = std::make_shared<const std::string>(encode_server_side_emit(sender(), id, event, args));
    home_.dispatch([self = shared_from_this(), id, body, done = std::move(done)]() mutable {
        self->count_others(
            [self, id, body, done = std::move(done)](std::optional<std::size_t> others) mutable {
                if (others.value_or(0) == 0) return done({{}, others.has_value()});
                self->add_pending(id, self->options_.requests_timeout,
                                  AskingServers{*others, {}, std::move(done)});
                self->publish(self->channel_, *body);
            });
    });
}

void Node::count_others(std::function<void(std::optional<std::size_t>)> done) {
    if (ended_ || !bus_.up()) return done(std::nullopt);
    // While our own subscriptions are being renewed we are not among those who answer.
    bus_.count_subscribers({channel_, own_channel_}, [done = std::move(done)](const Bus::Counts& counts) {
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
    const TimePoint due = pending_.next_deadline();
    if (ended_ || due == TimePoint::max()) return timer_.cancel();
    timer_.arm(std::max(Duration::zero(), due - home_.timers().now()));
}

void Node::run_due() {
    const auto self = shared_from_this();
    count(stats_->timeouts, pending_.expire(home_.timers().now()));
    rearm();
}

void Node::listen(const std::string& channel) {
    bus_.subscribe(channel, [weak = weak_from_this()](std::string_view from, std::string_view body) {
        const auto self = weak.lock();
        if (!self || self->ended_) return;
        guarded("a message from Redis", [&] { self->receive(from, body); });
    });
}

void Node::receive(std::string_view channel, std::string_view body) {
    const Here here = here_.lock();
    if (!here) return;
    const bool ours = channel == own_channel_;
    if (body.size() > (ours ? options_.max_answer_bytes : options_.max_message_bytes)) {
        return invalid("a message", BadMessage::too_large);
    }
    auto message = decode_published(body, max_attachments_);
    if (message.has_error()) return invalid("a message", message.error());
    if (message->uid == uid_ || message->nsp != nsp_) return;
    if (auto* response = std::get_if<Response>(&message->what)) {
        pending_.answer(std::move(*response));
        return rearm();
    }
    answer_request(here, std::move(std::get<Request>(message->what)));
}

void Node::answer_request(const Here& here, Request request) {
    if (stats_->backlog >= options_.max_backlog) return count(stats_->overflowed);
    if (const auto* fetch = std::get_if<Fetch>(&request.what)) {
        fetch_for(here, request, fetch->target);
    } else if (const auto* emit = std::get_if<ServerSideEmit>(&request.what)) {
        receive_server_side_emit(here, request, *emit);
    } else if (const auto* ask = std::get_if<BroadcastWithAck>(&request.what)) {
        ask_clients_for(here, request, *ask);
    }
}

void Node::fetch_for(const Here& here, const Request& request, const Target& target) {
    here->fetch(target, [self = shared_from_this(), to = request.uid, id = request.id,
                         place = reader_->take_place()](std::vector<RemoteSocket> sockets) {
        if (!self->options_.share_credentials) {
            for (auto& socket : sockets) hide_credentials(socket.handshake);
        }
        self->respond(to, encode_fetched(self->sender(), id, sockets));
    });
}

void Node::receive_server_side_emit(const Here& here, const Request& request, const ServerSideEmit& emit) {
    if (request.id.empty()) {
        here->receive_server_side(emit.event.name, emit.event.args, Ack());
        return;
    }
    auto answered = std::make_shared<std::atomic<bool>>(false);
    const Ack ack(
        [self = shared_from_this(), to = request.uid, id = request.id, answered](const Args& answer) {
            if (answered->exchange(true)) return;
            self->respond(to, encode_server_side_answer(self->sender(), id, answer));
        });
    // Nobody here knows the event: say so, rather than let the other node wait for its timeout.
    if (!here->receive_server_side(emit.event.name, emit.event.args, ack)) ack();
}

void Node::ask_clients_for(const Here& here, const Request& request, const BroadcastWithAck& ask) {
    here->ask(
        ask.target, ask.event.name, ask.event.args, ask.timeout.value_or(options_.requests_timeout),
        [self = shared_from_this(), to = request.uid, id = request.id](std::size_t clients) {
            self->respond(to, encode_client_count(self->sender(), id, clients));
        },
        [self = shared_from_this(), to = request.uid, id = request.id](const std::optional<Args>& answer) {
            // Node has no word for "none came": whoever asked waits for it until the timeout.
            if (answer) self->respond(to, encode_client_answer(self->sender(), id, *answer));
        });
}

void Node::respond(const std::string& uid, std::string_view body) { publish(channel_ + uid + '#', body); }

void Node::invalid(std::string_view what, BadMessage why) {
    count(stats_->invalid);
    // Never the message itself: it may hold somebody's tokens.
    log::debug("socket.io: {} from Redis for {} was dropped: {}", what, nsp_, to_string(why));
}

}  // namespace pulse::socketio::redis_streams
