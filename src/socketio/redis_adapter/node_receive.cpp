// What a node does when others ask it: broadcasts, requests and answers as they come from Redis. All of it on
// the home shard, and none of it believed before it was looked at.
#include <algorithm>
#include <utility>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "socketio/handshake_json.hpp"
#include "socketio/redis_adapter/node.hpp"
#include "socketio/redis_adapter/response.hpp"
#include "socketio/shared.hpp"

namespace pulse::socketio::redis_adapter {

void Node::listen(const std::string& channel, void (Node::*receive)(std::string_view, std::string_view),
                  std::size_t max_bytes) {
    bus_->subscribe(
        channel, [weak = weak_from_this(), receive, max_bytes](std::string_view from, std::string_view body) {
            const auto self = weak.lock();
            if (!self || self->ended_) return;
            guarded("a message from Redis", [&] {
                if (body.size() > max_bytes) return self->too_large(from, body.size());
                ((*self).*receive)(from, body);
            });
        });
}

void Node::too_large(std::string_view channel, std::size_t bytes) {
    invalid("message", BadMessage::too_large);
    if (std::exchange(warned_of_size_, true)) return;
    log::warn(
        "socket.io: {} bytes on {} are more than max_message_bytes or max_answer_bytes, and were dropped",
        bytes, channel);
}

void Node::receive_broadcast(std::string_view channel, std::string_view body) {
    const Here here = here_.lock();
    const auto room = channels_.room_of(channel);
    if (!here || (!room && channel != channels_.broadcasts)) return;
    if (body.starts_with(own_mark_)) return;  // delivered when it was sent
    if (room && !here->may_have(*room)) return count(stats_->unwanted);
    auto place = take_place();
    if (!place) return count(stats_->overflowed);
    const auto message = decode_broadcast(body, max_attachments_);
    if (!message) return invalid("broadcast", message.error());
    // A room's channel is for messages to exactly that room, as all who keep to the format send them. Only so
    // do Redis's access rules for a channel hold for what is in the message too.
    if (room && (message->target.rooms.size() != 1 || message->target.rooms[0] != *room)) {
        return invalid("broadcast", BadMessage::wrong_channel);
    }
    if (message->uid == uid_ || message->nsp != nsp_) return;
    count(stats_->received);
    here->deliver(message->target, message->event.name, message->event.args, std::move(place));
}

void Node::receive_request(std::string_view, std::string_view body) {
    const Here here = here_.lock();
    if (!here) return;
    auto place = take_place();
    if (!place) return count(stats_->overflowed);
    auto request = decode_request(body, max_attachments_);
    if (!request) return invalid("request", request.error());
    carry_out(here, std::make_shared<const Question>(Question{std::move(*request), std::move(place)}));
}

void Node::receive_response(std::string_view, std::string_view body) {
    if (pending_.size() == 0) return;  // of another node's, and perhaps large
    auto response = decode_response(body, max_attachments_);
    // Answers to what other nodes asked come here too, of kinds that we never ask for.
    if (!response && response.error() == BadMessage::wrong_shape) return;
    if (!response) return invalid("answer", response.error());
    pending_.answer(std::move(*response));
    rearm();
}

void Node::carry_out(const Here& here, const Asked& asked) {
    const Request& request = asked->request;
    // Of what we asked ourselves only commands concern us: the rest is answered already.
    const bool own = request.uid == uid_;
    if (const auto* move = std::get_if<Move>(&request.what)) {
        if (own) return came_back(request.id);
        return move->join ? here->join(move->target, move->rooms) : here->leave(move->target, move->rooms);
    }
    if (const auto* disconnect = std::get_if<Disconnect>(&request.what)) {
        if (own) return came_back(request.id);
        return here->disconnect(disconnect->target, disconnect->close);
    }
    if (own) return;
    if (const auto* list = std::get_if<ListSockets>(&request.what)) {
        list_sockets(here, asked, list->target);
    } else if (std::holds_alternative<ListRooms>(request.what)) {
        list_rooms(here, asked);
    } else if (const auto* fetch = std::get_if<Fetch>(&request.what)) {
        fetch_for(here, asked, fetch->target);
    } else if (const auto* emit = std::get_if<ServerSideEmit>(&request.what)) {
        receive_server_side_emit(here, request, *emit);
    } else if (const auto* ask = std::get_if<BroadcastWithAck>(&request.what)) {
        ask_clients_for(here, asked, *ask);
    } else if (const auto* old_move = std::get_if<OfOneSocket<Move>>(&request.what)) {
        of_one_socket(here, asked, old_move->sid, [move = old_move->action](LocalSockets& sockets) {
            move.join ? sockets.join(move.target, move.rooms) : sockets.leave(move.target, move.rooms);
        });
    } else if (const auto* old_end = std::get_if<OfOneSocket<Disconnect>>(&request.what)) {
        of_one_socket(here, asked, old_end->sid, [end = old_end->action](LocalSockets& sockets) {
            sockets.disconnect(end.target, end.close);
        });
    }
}

void Node::came_back(const std::string& id) {
    pending_.came_back(id);
    rearm();
}

void Node::list_sockets(const Here& here, const Asked& asked, const Target& target) {
    here->fetch(target, [self = shared_from_this(), asked](const std::vector<RemoteSocket>& sockets) {
        self->respond(asked->request, encode_socket_ids(asked->request.id, sockets));
    });
}

void Node::list_rooms(const Here& here, const Asked& asked) {
    here->list_rooms([self = shared_from_this(), asked](const std::vector<std::string>& rooms) {
        self->respond(asked->request, encode_rooms(asked->request.id, rooms));
    });
}

void Node::fetch_for(const Here& here, const Asked& asked, const Target& target) {
    here->fetch(target, [self = shared_from_this(), asked](std::vector<RemoteSocket> sockets) {
        if (!self->options_.share_credentials) {
            for (auto& socket : sockets) hide_credentials(socket.handshake);
        }
        self->respond(asked->request, encode_fetched(asked->request.id, sockets));
    });
}

void Node::of_one_socket(const Here& here, const Asked& asked, const std::string& sid,
                         std::function<void(LocalSockets&)> action) {
    Target room_of_it;
    room_of_it.rooms = {sid};
    here->fetch(room_of_it, [self = shared_from_this(), asked, sid,
                             action = std::move(action)](const std::vector<RemoteSocket>& found) {
        // Others may be in a room of that name; the owner answers, and nobody else.
        const bool ours =
            std::any_of(found.begin(), found.end(), [&](const auto& socket) { return socket.id == sid; });
        const Here sockets = self->here_.lock();
        if (!ours || !sockets) return;
        action(*sockets);
        self->respond(asked->request, encode_done(asked->request.id));
    });
}

void Node::receive_server_side_emit(const Here& here, const Request& request, const ServerSideEmit& emit) {
    if (request.id.empty()) {
        here->receive_server_side(emit.event.name, emit.event.args, Ack());
        return;
    }
    auto answered = std::make_shared<std::atomic<bool>>(false);
    // The answer goes to the generic channel whatever the options say, as in Node.
    const Ack ack([self = shared_from_this(), id = request.id, answered](const Args& answer) {
        if (answered->exchange(true)) return;
        self->publish(self->channels_.responses, encode_server_side_answer(id, answer));
    });
    // Nobody here knows the event: say so, rather than let the other node wait for its timeout.
    if (!here->receive_server_side(emit.event.name, emit.event.args, ack)) ack();
}

void Node::ask_clients_for(const Here& here, const Asked& asked, const BroadcastWithAck& ask) {
    if (ask.nsp != nsp_) return;
    // The answers may take as long as the timeout; no place in the backlog is kept for them.
    const auto answers_to =
        std::make_shared<const Question>(Question{{asked->request.uid, asked->request.id, {}}, {}});
    here->ask(
        ask.target, ask.event.name, ask.event.args, ask.timeout.value_or(options_.requests_timeout),
        [self = shared_from_this(), asked](std::size_t clients) {
            self->respond(asked->request, encode_client_count(asked->request.id, clients));
        },
        [self = shared_from_this(), answers_to](const std::optional<Args>& answer) {
            // Node has no word for "none came": whoever asked waits for it until the timeout.
            if (!answer) return;
            const Request& request = answers_to->request;
            self->respond(request, encode_client_answer(request.id, *answer, self->options_.encoding));
        });
}

void Node::respond(const Request& to, std::string_view body) {
    const bool specific = options_.publish_on_specific_response_channel && !to.uid.empty();
    publish(specific ? channels_.responses_to(to.uid) : channels_.responses, body);
}

std::shared_ptr<void> Node::take_place() {
    if (stats_->backlog.fetch_add(1, std::memory_order_relaxed) >= options_.max_backlog) {
        stats_->backlog.fetch_sub(1, std::memory_order_relaxed);
        return nullptr;
    }
    return {stats_.get(),
            [stats = stats_](void*) { stats->backlog.fetch_sub(1, std::memory_order_relaxed); }};
}

void Node::invalid(std::string_view what, BadMessage why) {
    count(stats_->invalid);
    // Never the message itself: it may hold somebody's tokens.
    log::debug("socket.io: a {} from Redis on {} was dropped: {}", what, nsp_, to_string(why));
}

}  // namespace pulse::socketio::redis_adapter
