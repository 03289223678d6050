#pragma once
// The Namespace behind the interface: what its sockets share, and the way from a broadcast to the shards
// that have somebody to receive it. Any thread; each shard's part is touched only there. Shared, so that
// what was posted to a shard finds it alive.
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "socketio/adapter.hpp"
#include "socketio/in_process_adapter.hpp"
#include "socketio/local_namespace.hpp"
#include "socketio/namespace.hpp"
#include "socketio/recovery_impl.hpp"
#include "socketio/room_directory.hpp"
#include "socketio/shared.hpp"
#include "socketio/user_seats.hpp"

namespace pulse::socketio {

class NamespaceImpl final : public Namespace,
                            public LocalSockets,
                            public std::enable_shared_from_this<NamespaceImpl> {
public:
    NamespaceImpl(std::string name, std::shared_ptr<Shared> shared);

    const std::string& name() const override { return name_; }
    void use(Middleware middleware) override;
    void on_connection(std::function<void(Socket&)> handler) override;
    void for_each(std::string_view room, std::function<void(Socket&)> work) override;
    std::size_t size() const override { return connected_.load(std::memory_order_relaxed); }
    bool has_members(std::string_view room) const override { return directory_.shards_of(room) != 0; }

    void on_server_side(std::string event, EventHandler handler) override;
    void server_side_emit(std::string_view event, const Args& args) override;
    void server_side_emit_with_ack(std::string_view event, const Args& args,
                                   std::function<void(ServerSideAnswers)> done) override;
    void describe_sockets_by(std::function<boost::json::value(Socket&)> describe) override;
    void use_adapter(const AdapterFactory& make) override;
    void on_rooms(RoomEvents events) override;
    void use_recovery(LogRecoveryOptions options) override;
    void use_recovery(SourceRecoveryOptions options) override;
    void use_recovery(ClusterRecoveryOptions options) override;
    void slow_clients(SlowClients policy) override;
    void limit_sockets_per_user(std::size_t most, std::function<std::string(Socket&)> user_of) override;

    // For the adapter.
    net::ShardPool& shards() override { return shared_->shards; }
    std::size_t max_attachments() const override { return shared_->options.max_attachments; }
    bool may_have(std::string_view room) const override;
    void deliver(const Target& target, std::string_view event, const Args& args,
                 std::shared_ptr<void> held) override;
    void ask(const Target& target, std::string_view event, const Args& args, Duration timeout,
             std::function<void(std::size_t)> asked,
             std::function<void(std::optional<Args>)> answered) override;
    void join(const Target& target, const std::vector<std::string>& rooms) override;
    void leave(const Target& target, const std::vector<std::string>& rooms) override;
    void disconnect(const Target& target, bool close) override;
    void fetch(const Target& target, std::function<void(std::vector<RemoteSocket>)> done) override;
    void list_rooms(std::function<void(std::vector<std::string>)> done) override;
    bool receive_server_side(std::string_view event, const Args& args, const Ack& ack) override;

    bool has_other_nodes() const { return other_adapter_ != nullptr; }
    RemoteSocket describe(SocketImpl& socket) const;  // on its shard
    // fetch() of some sockets, so many of each shard at most.
    void sample(std::size_t most, std::function<void(std::vector<RemoteSocket>)> done);

    // Called by clients and sockets, on their shard.
    Adapter& adapter() { return *adapter_; }
    Recovery* recovery() { return recovery_.get(); }                          // nullptr: none
    void admit(const std::shared_ptr<SocketImpl>& socket, std::size_t step);  // runs the middleware
    // Ends the connection of this node's socket with that id; `done` is called on some shard when it is gone.
    // Other nodes are not told: word of it could come late, to where the client is back meanwhile. What is
    // left of it there ends with its heartbeat.
    void end_socket(const std::string& id, std::function<void()> done);
    RoomDirectory::Shards shards_of(const Target& target) const;
    void run_connection_handlers(SocketImpl& socket);
    bool wants_room_events() const { return room_events_ || shared_->watcher(); }
    void tell_joined(std::string_view room, SocketImpl& socket);
    void tell_left(std::string_view room, SocketImpl& socket);
    void tell_own_room(SocketImpl& socket, bool present);
    // How long a dynamic namespace is kept that nobody is in.
    Duration kept_when_empty() const { return recovery_ ? recovery_->keeps_sessions() : Duration::zero(); }
    LocalNamespace& local(const net::Shard& shard) { return *locals_[shard.id()]; }
    // False: the socket's user has as many as there may be. It has its place until it ends.
    bool seat(SocketImpl& socket);
    const SlowClients& slow_clients() const { return slow_clients_; }
    // How an event goes out that no log keeps: the policy makes the reliable ones something less.
    Delivery delivery_of_event(Delivery wanted) const;
    bool closes_early() const { return closes_early_; }  // before the bounds of all connections
    std::uint64_t next_ack_id() { return next_ack_id_.fetch_add(1, std::memory_order_relaxed); }
    void count_connected(int change) { connected_.fetch_add(std::size_t(change), std::memory_order_relaxed); }
    Shared& shared() { return *shared_; }
    std::size_t room_count() const { return directory_.size(); }

protected:
    void broadcast(const Target& target, std::string_view event, const Args& args) override;
    void broadcast_with_ack(const Target& target, std::string_view event, const Args& args, Duration timeout,
                            std::function<void(std::vector<Args>, std::size_t)> done) override;
    void forget(const Target& target, std::optional<std::string_view> key) override;
    void sockets_join(const Target& target, std::string_view room) override;
    void sockets_leave(const Target& target, std::string_view room) override;
    void disconnect_sockets(const Target& target, bool close) override;
    void fetch_sockets(const Target& target, std::function<void(FetchedSockets)> done) override;

private:
    void fetch_some(const Target& target, std::size_t most_per_shard,
                    std::function<void(std::vector<RemoteSocket>)> done);
    struct ServerSideHandler {
        std::string event;
        EventHandler call;
    };
    Adapter& adapter_for(const Target& target) {
        return target.scope == Scope::this_node ? in_process_ : *adapter_;
    }
    void room_changed(std::string_view room, bool present);
    void tell_created(std::string_view room, bool present);
    void deliver_retained(const Target& target, std::string_view event, const Outgoing& packet,
                          Delivery delivery, std::shared_ptr<void> held, EmitTimer timer);
    void forget_here(const Target& target, std::optional<std::string> key);
    std::shared_ptr<void> expect_joins();
    void each_target(const Target& target, std::function<void(Socket&)> work);
    // Runs work(LocalNamespace&, target) on each of the shards: posted to the others, then at once here if
    // here is one of them.
    template <class Work>
    void on_shards(RoomDirectory::Shards shards, const Target& target, const Work& work);

    const std::string name_;
    const std::shared_ptr<Shared> shared_;
    std::vector<Middleware> middleware_;
    std::vector<std::function<void(Socket&)>> connection_handlers_;
    std::vector<ServerSideHandler> server_side_handlers_;
    std::function<boost::json::value(Socket&)> describe_;
    SlowClients slow_clients_;
    bool closes_early_ = false;
    std::shared_ptr<UserSeats> seats_;
    std::function<std::string(Socket&)> user_of_;
    InProcessAdapter in_process_{*this};
    std::shared_ptr<Adapter> other_adapter_;
    Adapter* adapter_ = &in_process_;  // the other one if there is one
    std::unique_ptr<const RoomEvents> room_events_;
    RoomDirectory directory_{[this](std::string_view room, bool present) { room_changed(room, present); }};
    std::vector<std::unique_ptr<LocalNamespace>> locals_;  // by shard
    std::unique_ptr<Recovery> recovery_;
    std::atomic<std::uint64_t> next_ack_id_{0};
    std::atomic<std::uint64_t> retained_versions_{0};
    std::atomic<std::size_t> connected_{0};
    std::atomic<std::size_t> joins_under_way_{0};
};

}  // namespace pulse::socketio
