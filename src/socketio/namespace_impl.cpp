#include "socketio/namespace_impl.hpp"

#include <bit>

#include "socketio/broadcast_acks.hpp"
#include "socketio/client.hpp"
#include "socketio/packet.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {

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
    if (step == middleware_.size()) return socket->accept();
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

RoomDirectory::Shards NamespaceImpl::shards_of(const Target& target) const {
    const unsigned count = shared_->shards.size();
    if (target.rooms.empty()) return ~RoomDirectory::Shards(0) >> (64 - count);
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

void NamespaceImpl::broadcast(const Target& target, std::string_view event, const Args& args) {
    check_sendable(event, args, shared_->options.max_attachments);
    count(shared_->stats.broadcasts);
    const auto shards = shards_of(target);
    if (shards == 0 || (target.rooms.empty() && size() == 0)) return;
    auto packet = Outgoing::make(encode_event(name_, event, args), args.attachments);
    on_shards(
        shards, target,
        [stats = &shared_->stats, packet = std::move(packet)](LocalNamespace& sockets, const Target& whom) {
            count(stats->packets_out, sockets.deliver(whom, packet));
        });
}

void NamespaceImpl::broadcast_with_ack(const Target& target, std::string_view event, const Args& args,
                                       Duration timeout,
                                       std::function<void(std::vector<Args>, std::size_t)> done) {
    check_sendable(event, args, shared_->options.max_attachments);
    count(shared_->stats.broadcasts);
    auto shards = shards_of(target);
    if (shards == 0) shards = 1;             // somebody has to call `done`
    const std::uint64_t id = next_ack_id();  // one for every recipient, as the reference does it
    const auto packet = std::make_shared<const Outgoing>(
        Outgoing::make(encode_event(name_, event, args, id), args.attachments));
    const auto acks = std::make_shared<BroadcastAcks>(unsigned(std::popcount(shards)), std::move(done));
    on_shards(
        shards, target,
        [stats = &shared_->stats, packet, id, timeout, acks](LocalNamespace& sockets, const Target& whom) {
            for (const auto& socket : sockets.select(whom)) {
                const auto answer = [acks](std::optional<Args> args) { acks->answered(std::move(args)); };
                if (!socket->connected()) continue;
                acks->asked();
                if (!socket->expect_ack(id, timeout, answer)) {
                    acks->answered(std::nullopt);
                } else if (socket->deliver(*packet, whom.delivery)) {
                    count(stats->packets_out);
                } else {
                    socket->give_up_ack(id);
                }
            }
            acks->shard_finished();
        });
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

void NamespaceImpl::for_each(std::string_view room, std::function<void(Socket&)> work) {
    Target target;
    if (!room.empty()) target.rooms.emplace_back(room);
    each_target(target, std::move(work));
}

}  // namespace pulse::socketio
