#pragma once
// The adapter of one namespace on this node. Events and commands go into the stream and are carried out here
// when they come back out of it, so that all nodes, this one included, have the same order; without Redis
// they are carried out at once, here alone. What asks for answers is published, and takes its own way. Lives
// on the home shard of the Redis client; the Adapter's functions may be called from any thread, and what one
// thread emits keeps its order.
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "net/timers.hpp"
#include "socketio/adapter.hpp"
#include "socketio/cluster/pending_requests.hpp"
#include "socketio/cluster/redis_bus.hpp"
#include "socketio/redis_streams/message.hpp"
#include "socketio/redis_streams/options.hpp"
#include "socketio/redis_streams/reader.hpp"
#include "socketio/redis_streams/session_log.hpp"

namespace pulse::socketio::redis_streams {

class Node final : public Adapter, public Follower, public std::enable_shared_from_this<Node> {
public:
    Node(redis::Client& client, std::shared_ptr<Reader> reader, std::weak_ptr<LocalSockets> here,
         Options options);
    void start();  // any thread
    void end();    // any thread; what waits is ended, and nothing is called after it

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
    void on_room(std::string_view, bool) override {}
    void on_socket(const std::string&, bool) override {}
    std::shared_ptr<ClusterLog> cluster_log() override;

    void on_entry(const Entry& entry, std::optional<Position> position) override;
    void on_live(Position head) override;
    void on_lost() override;
    void on_gap(Position since) override;
    void on_time(TimePoint now) override;

private:
    using Here = std::shared_ptr<LocalSockets>;
    // What this node has put into the stream and not read from it yet.
    struct Own {
        std::uint64_t number;
        Action action;
        TimePoint since;
    };

    void submit(Action action, const Fields& fields);
    std::optional<Action> take_own(const Entry& entry);
    // Carries out, without the stream, what was submitted up to that number and has not come back.
    void carry_out_through(std::uint64_t number);
    // `bytes` are those of its entry.
    void carry_out(Action action, std::optional<Position> position, std::size_t bytes = 0);
    void note_in_log(Action action, std::optional<Position> position, std::size_t bytes);
    void deliver(LocalSockets& here, Broadcast broadcast, std::optional<Position> position,
                 std::size_t bytes);

    void publish(std::string_view channel, std::string_view body);
    void listen(const std::string& channel);
    void receive(std::string_view channel, std::string_view body);
    void answer_request(const Here& here, Request request);
    void fetch_for(const Here& here, const Request& request, const Target& target);
    void receive_server_side_emit(const Here& here, const Request& request, const ServerSideEmit& emit);
    void ask_clients_for(const Here& here, const Request& request, const BroadcastWithAck& ask);
    void respond(const std::string& uid, std::string_view body);
    void ask_for_sockets(const Target& target, FetchedSockets local, std::size_t nodes,
                         std::function<void(FetchedSockets)> done);
    // How many other nodes there are; nullopt: not known.
    void count_others(std::function<void(std::optional<std::size_t>)> done);
    void add_pending(std::string id, Duration within, cluster::Pending pending);
    void rearm();
    void run_due();
    void invalid(std::string_view what, BadMessage why);
    Sender sender() const { return {uid_, nsp_}; }

    redis::Client& client_;
    cluster::RedisBus bus_;
    const std::shared_ptr<Reader> reader_;
    net::Shard& home_;
    const std::weak_ptr<LocalSockets> here_;
    const Options options_;
    const std::shared_ptr<Stats> stats_;
    const std::string nsp_;
    const std::string uid_;
    const std::string channel_;      // that all nodes listen to
    const std::string own_channel_;  // for answers to us
    const std::string max_len_;
    const std::size_t max_attachments_;

    std::mutex mutex_;  // for these, which are touched by whoever emits:
    bool live_ = false;
    std::uint64_t last_number_ = 0;
    std::deque<Own> own_;

    std::shared_ptr<SessionLog> log_;  // if clients can be recovered
    bool following_ = false;
    bool ended_ = false;
    bool warned_of_size_ = false;
    cluster::PendingRequests pending_;
    net::Timer timer_;
};

// A node that has started, and that ends when the namespace lets go of it.
std::shared_ptr<Adapter> make_node(redis::Client& client, std::shared_ptr<Reader> reader,
                                   std::weak_ptr<LocalSockets> here, Options options);

}  // namespace pulse::socketio::redis_streams
