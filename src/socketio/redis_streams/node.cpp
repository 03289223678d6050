// Events and commands: their way into the stream, and out of it. node_requests.cpp is the rest.
#include "socketio/redis_streams/node.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "socketio/redis_streams/ids.hpp"
#include "socketio/shared.hpp"

namespace pulse::socketio::redis_streams {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string name_of(const std::weak_ptr<LocalSockets>& here) { return here.lock()->name(); }

// The cluster's, without what only this node's own recovery may have put there.
Target in_stream(const Target& target) {
    Target out = target;
    out.offset.clear();
    return out;
}

}  // namespace

Node::Node(redis::Client& client, std::shared_ptr<Reader> reader, std::weak_ptr<LocalSockets> here,
           Options options)
    : client_(client),
      bus_(client, options.stats),
      reader_(std::move(reader)),
      home_(client.home()),
      here_(std::move(here)),
      options_(std::move(options)),
      stats_(options_.stats),
      nsp_(name_of(here_)),
      uid_(make_id()),
      channel_(options_.channel_prefix + '#' + nsp_ + '#'),
      own_channel_(channel_ + uid_ + '#'),
      max_len_(std::to_string(options_.max_len)),
      max_attachments_(here_.lock()->max_attachments()),
      timer_(home_.timers(), [this] { run_due(); }) {}

void Node::start() {
    reader_->follow(nsp_, weak_from_this());
    home_.dispatch([self = shared_from_this()] {
        self->listen(self->channel_);
        self->listen(self->own_channel_);
    });
}

void Node::end() {
    // Later, not here: the last use of a node may be from within what it calls.
    home_.post([self = shared_from_this()] {
        self->ended_ = true;
        self->timer_.cancel();
        self->pending_.expire_all();
        self->bus_.unsubscribe(self->channel_);
        self->bus_.unsubscribe(self->own_channel_);
        self->home_.post([reader = self->reader_, nsp = self->nsp_] { reader->unfollow(nsp); });
    });
}

void Node::broadcast(const Target& target, std::string_view event, const Args& args) {
    const auto fields = encode_broadcast(event, args, target);
    submit(Broadcast{in_stream(target), {std::string(event), args}}, fields);
}

void Node::sockets_join(const Target& target, const std::vector<std::string>& rooms) {
    Move move{true, in_stream(target), rooms};
    const auto fields = encode_move(move);
    submit(std::move(move), fields);
}

void Node::sockets_leave(const Target& target, const std::vector<std::string>& rooms) {
    Move move{false, in_stream(target), rooms};
    const auto fields = encode_move(move);
    submit(std::move(move), fields);
}

void Node::disconnect_sockets(const Target& target, bool close) {
    Disconnect disconnect{in_stream(target), close};
    const auto fields = encode_disconnect(disconnect);
    submit(std::move(disconnect), fields);
}

// Under one lock, so that the numbers come back out of the stream in their order.
void Node::submit(Action action, const Fields& fields) {
    const bool fits = fields.data.size() <= options_.max_message_bytes;
    const std::lock_guard lock(mutex_);
    const std::uint64_t number = ++last_number_;
    own_.push_back({number, std::move(action), home_.clock().now()});
    const auto without_stream = [weak = weak_from_this(), home = &home_, number] {
        home->post([weak, number] {
            if (const auto self = weak.lock()) self->carry_out_through(number);
        });
    };
    if (!fits) {
        count(stats_->unpublished);
        if (!std::exchange(warned_of_size_, true)) {
            log::warn("socket.io: {} bytes to {} are more than max_message_bytes, and stay on this node",
                      fields.data.size(), nsp_);
        }
        return without_stream();
    }
    // The answer's failure does not say whether the entry is in the stream. If it is, its number says that it
    // was carried out already.
    client_.send(
        {"XADD", options_.stream_name, "MAXLEN", "~", max_len_, "*", "uid", uid_, "nsp", nsp_, "type",
         std::to_string(int(fields.type)), "data", fields.data, "number", std::to_string(number)},
        Duration::max(), [stats = stats_, without_stream](const Result<redis::Reply>& reply) {
            count(reply ? stats->published : stats->unpublished);
            if (!reply) without_stream();
        });
    if (!live_ || own_.size() > options_.max_backlog) without_stream();
}

void Node::on_entry(const Entry& entry, std::optional<Position> position) {
    if (ended_) return;
    if (entry.uid == uid_) {
        if (auto own = take_own(entry)) return carry_out(std::move(*own), position, entry.data.size());
        if (!log_ || !entry.number) return;
    }
    if (entry.data.size() > options_.max_message_bytes) return invalid("an entry", BadMessage::too_large);
    auto action = decode_action(entry, max_attachments_);
    if (action.has_error()) return invalid("an entry", action.error());
    // Was carried out without the stream; who returns gets it all the same.
    if (entry.uid == uid_) return note_in_log(std::move(*action), position, entry.data.size());
    if (std::holds_alternative<Broadcast>(*action)) count(stats_->received);
    carry_out(std::move(*action), position, entry.data.size());
}

std::optional<Action> Node::take_own(const Entry& entry) {
    if (!entry.number) return std::nullopt;
    // What is before it will not come any more: removed from the stream before it was read.
    if (*entry.number > 0) carry_out_through(*entry.number - 1);
    const std::lock_guard lock(mutex_);
    if (own_.empty() || own_.front().number != *entry.number) return std::nullopt;
    Action action = std::move(own_.front().action);
    own_.pop_front();
    return action;
}

void Node::carry_out_through(std::uint64_t number) {
    while (true) {
        std::unique_lock lock(mutex_);
        if (own_.empty() || own_.front().number > number) return;
        Action action = std::move(own_.front().action);
        own_.pop_front();
        lock.unlock();
        carry_out(std::move(action), std::nullopt);
    }
}

void Node::carry_out(Action action, std::optional<Position> position, std::size_t bytes) {
    const Here here = here_.lock();
    if (!here || ended_) return;
    std::visit(
        Overloaded{
            [&](Broadcast& broadcast) { deliver(*here, std::move(broadcast), position, bytes); },
            [&](const Move& move) {
                move.join ? here->join(move.target, move.rooms) : here->leave(move.target, move.rooms);
            },
            [&](const Disconnect& disconnect) { here->disconnect(disconnect.target, disconnect.close); },
        },
        action);
}

void Node::note_in_log(Action action, std::optional<Position> position, std::size_t bytes) {
    auto* broadcast = std::get_if<Broadcast>(&action);
    if (!broadcast || !position || !is_recoverable(broadcast->target)) return;
    auto& [target, event] = *broadcast;
    log_->add(std::make_shared<const LoggedEvent>(
                  LoggedEvent{*position, std::move(target), std::move(event.name), std::move(event.args)}),
              bytes, nullptr);
}

void Node::deliver(LocalSockets& here, Broadcast broadcast, std::optional<Position> position,
                   std::size_t bytes) {
    auto& [target, event] = broadcast;
    auto place = reader_->take_place();
    // Without a place in the stream nobody can come back to it: for this node's sockets, as they are.
    if (!position || !is_recoverable(target)) {
        target.scope = Scope::this_node;
        return here.deliver(target, event.name, event.args, std::move(place));
    }
    target.offset = id_of(*position);
    if (!log_) return here.deliver(target, event.name, event.args, std::move(place));
    auto logged = std::make_shared<const LoggedEvent>(
        LoggedEvent{*position, std::move(target), std::move(event.name), std::move(event.args)});
    place = log_->add(logged, bytes, std::move(place));
    here.deliver(logged->target, logged->event, logged->args, std::move(place));
}

std::shared_ptr<ClusterLog> Node::cluster_log() {
    auto log = std::make_shared<SessionLog>(client_, reader_, nsp_, max_attachments_, options_);
    // A namespace that is made while others are in traffic may be read already.
    home_.dispatch([self = shared_from_this(), log] {
        self->log_ = log;
        if (self->following_) log->begin(self->reader_->head());
    });
    return log;
}

void Node::on_live(Position head) {
    if (!std::exchange(following_, true) && log_) log_->begin(head);
    const std::lock_guard lock(mutex_);
    live_ = true;
}

void Node::on_lost() {
    std::uint64_t last = 0;
    {
        const std::lock_guard lock(mutex_);
        live_ = false;
        last = last_number_;
    }
    carry_out_through(last);
}

void Node::on_gap(Position since) {
    if (log_) log_->begin(since);
}

void Node::on_time(TimePoint now) {
    std::uint64_t overdue = 0;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& own : own_) {
            if (now - own.since < options_.own_within) break;
            overdue = own.number;
        }
    }
    if (overdue > 0) carry_out_through(overdue);
}

std::shared_ptr<Adapter> make_node(redis::Client& client, std::shared_ptr<Reader> reader,
                                   std::weak_ptr<LocalSockets> here, Options options) {
    const auto node = std::make_shared<Node>(client, std::move(reader), std::move(here), std::move(options));
    node->start();
    // The node itself lives on while something of it is on its way to its home shard.
    return {node.get(), [node](Adapter*) { node->end(); }};
}

}  // namespace pulse::socketio::redis_streams
