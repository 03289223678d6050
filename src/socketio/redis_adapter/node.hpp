#pragma once
// The adapter of one namespace on this node. What it was asked and not answered, and what it subscribes to,
// live on the bus's home shard; the Adapter's functions may be called from any thread. What is published
// leaves in the order of the calls of each thread.
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/timers.hpp"
#include "socketio/adapter.hpp"
#include "socketio/cluster/bus.hpp"
#include "socketio/cluster/pending_requests.hpp"
#include "socketio/redis_adapter/broadcast_message.hpp"
#include "socketio/redis_adapter/channels.hpp"
#include "socketio/redis_adapter/options.hpp"
#include "socketio/redis_adapter/request.hpp"
#include "socketio/redis_adapter/subscriptions.hpp"

namespace pulse::socketio::redis_adapter {

class Node final : public Adapter, public std::enable_shared_from_this<Node> {
public:
    Node(std::shared_ptr<Bus> bus, std::weak_ptr<LocalSockets> here, Options options);
    void start();  // subscribes; any thread
    void end();    // unsubscribes and ends what waits; any thread, nothing is called after it

    void broadcast(const Target& target, std::string_view event, const Args& args) override;
    void broadcast_with_ack(const Target& target, std::string_view event, const Args& args, Duration timeout,
                            const std::shared_ptr<BroadcastAcks>& acks) override;
    void sockets_join(const Target& target, const std::vector<std::string>& rooms) override;
    void sockets_leave(const Target& target, const std::vector<std::string>& rooms) override;
    void disconnect_sockets(const Target& target, bool close) override;
    void fetch_sockets(const Target& target, std::function<void(FetchedSockets)> done) override;
    void server_side_emit(std::string_view event, const Args& args) override;
    void server_side_emit_with_ack(std::string_view event, const Args& args,
                                   std::function<void(ServerSideAnswers)> done) override;
    void on_room(std::string_view room, bool present) override;
    void on_socket(const std::string& id, bool present) override;

private:
    using Here = std::shared_ptr<LocalSockets>;
    struct Question {
        Request request;
        std::shared_ptr<void> place;  // in the backlog, while it is being answered
    };
    using Asked = std::shared_ptr<const Question>;

    // Sending, any thread.
    std::string make_request_id();
    void publish(std::string_view channel, std::string_view body);
    void command(std::string id, std::string body, std::function<void(LocalSockets&)> carry_out);
    void respond(const Request& to, std::string_view body);

    // On the home shard from here on.
    void add_pending(std::string id, Duration within, Pending pending);
    void ask_for_sockets(const Target& target, FetchedSockets local, std::size_t nodes,
                         std::function<void(FetchedSockets)> done);
    // How many other nodes there are; nullopt: not known.
    void count_others(std::function<void(std::optional<std::size_t>)> done);
    void rearm();
    void run_due();

    void apply_presence();
    void count_subscriptions();
    void listen(const std::string& channel, void (Node::*receive)(std::string_view, std::string_view),
                std::size_t max_bytes);
    void too_large(std::string_view channel, std::size_t bytes);
    void receive_broadcast(std::string_view channel, std::string_view body);
    void receive_request(std::string_view channel, std::string_view body);
    void receive_response(std::string_view channel, std::string_view body);
    void carry_out(const Here& here, const Asked& asked);
    void came_back(const std::string& id);
    void list_sockets(const Here& here, const Asked& asked, const Target& target);
    void list_rooms(const Here& here, const Asked& asked);
    void fetch_for(const Here& here, const Asked& asked, const Target& target);
    void of_one_socket(const Here& here, const Asked& asked, const std::string& sid,
                       std::function<void(LocalSockets&)> action);
    void receive_server_side_emit(const Here& here, const Request& request, const ServerSideEmit& emit);
    void ask_clients_for(const Here& here, const Asked& asked, const BroadcastWithAck& ask);

    // A place in the backlog, given back when the last holder lets go; nullptr: there is none.
    std::shared_ptr<void> take_place();
    void invalid(std::string_view what, BadMessage why);

    const std::shared_ptr<Bus> bus_;
    net::Shard& home_;
    const std::weak_ptr<LocalSockets> here_;
    const Options options_;
    const std::shared_ptr<Stats> stats_;
    const std::string nsp_;
    const std::string uid_;
    const Channels channels_;
    const std::string own_mark_;  // how our own broadcasts begin
    const std::size_t max_attachments_;

    std::mutex presence_mutex_;
    std::vector<std::pair<std::string, bool>> presence_;  // not applied yet

    std::atomic<std::uint64_t> asked_{0};

    bool ended_ = false;
    bool warned_of_size_ = false;
    Subscriptions rooms_;
    std::size_t subscriptions_counted_ = 0;
    PendingRequests pending_;
    net::Timer timer_;
};

// A node that has started, and that ends when the namespace lets go of it.
std::shared_ptr<Adapter> make_node(std::shared_ptr<Bus> bus, std::weak_ptr<LocalSockets> here,
                                   Options options);

}  // namespace pulse::socketio::redis_adapter
