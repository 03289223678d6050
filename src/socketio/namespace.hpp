#pragma once
// A namespace: who may join it, what happens then, and how to reach its sockets. Emitting is for any
// thread; what one thread emits reaches the sockets of each shard in that order. Middleware and connection
// handlers are set before traffic starts.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "socketio/socket.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

struct ClusterRecoveryOptions;
struct LogRecoveryOptions;
struct SourceRecoveryOptions;
class Adapter;
class LocalSockets;
using AdapterFactory = std::function<std::shared_ptr<Adapter>(std::weak_ptr<LocalSockets>)>;

enum class Scope {
    cluster,    // the sockets of all nodes that the namespace's adapter connects
    this_node,  // those of this process
};

// Who gets a broadcast, and how.
struct Target {
    std::vector<std::string> rooms;   // union; none: everybody
    std::vector<std::string> except;  // whoever is in one of these gets nothing
    Delivery delivery = Delivery::reliable;
    Scope scope = Scope::cluster;
    std::string offset{};  // what recovery goes on after (recovery.hpp)
    bool retain = false;   // for who joins the rooms later
    std::string key{};     // of Delivery::newest and of what is retained; empty: the event's name
    bool compress = true;  // where the transport compresses
};

// A socket of any node, as it was when that node was asked. To do something with it, take the room of its
// id: nsp.in(socket.id).sockets_join("room").
struct RemoteSocket {
    std::string id;
    boost::json::object handshake;  // keys as in Node's socket.handshake
    std::vector<std::string> rooms;
    boost::json::value data;  // what describe_sockets_by() says of it; in Node socket.data
};
struct FetchedSockets {
    std::vector<RemoteSocket> sockets;
    bool complete = true;  // false: some node did not answer in time, and its sockets are missing
};
// What the other nodes answered to server_side_emit_with_ack().
struct ServerSideAnswers {
    std::vector<boost::json::value> answers;
    bool complete = true;
};

// What a broadcast's sockets answered.
struct BroadcastAnswers {
    std::vector<Args> answers;  // those that came in time
    std::size_t asked = 0;      // how many sockets were
};

// What becomes of rooms on this node; any may be unset. A socket's own room, named by its id, is one of them.
// `joined` and `left` are called on the socket's shard, in order for each socket; `created` (the first member
// has come) and `deleted` (the last one has gone) on the first shard, in order for each room, a moment later.
struct RoomEvents {
    std::function<void(std::string_view room)> created{};
    std::function<void(std::string_view room)> deleted{};
    std::function<void(std::string_view room, Socket& socket)> joined{};
    std::function<void(std::string_view room, Socket& socket)> left{};
};

// Chooses who gets a broadcast, or whom a command concerns; a value, cheap to copy. Without an adapter the
// cluster is this node alone.
class BroadcastOperator {
public:
    explicit BroadcastOperator(Namespace& nsp) : nsp_(&nsp) {}
    BroadcastOperator to(std::string_view room) const&;  // union of rooms; none: everybody
    BroadcastOperator except(std::string_view room) const&;
    BroadcastOperator local() const&;      // sockets of this node only
    BroadcastOperator volatile_() const&;  // dropped where it cannot leave at once
    BroadcastOperator compress(bool compress) const&;
    BroadcastOperator timeout(Duration timeout) const&;  // of acknowledgements; 10 s without it
    // Delivery::newest (socket.hpp). No key: the event's name.
    BroadcastOperator conflate(std::string_view key = {}) const&;
    // Keeps the event as the latest of its key in each of the rooms (none: the namespace itself): whoever
    // joins is sent it, before any later event to the room. One operator's conflate() and retain() share a
    // key. Kept in memory, also while a room is empty, up to max_retained_values; never in a log of recovery,
    // as a client that comes back joins its rooms anew. except() is for those who are there now.
    BroadcastOperator retain(std::string_view key = {}) const&;
    // The event's offset in the log of the namespace's RecoverySource (recovery.hpp); without effect if it
    // has none, and on other nodes, where the log has to be followed too.
    BroadcastOperator at(std::string_view offset) const&;
    // In a chain each one goes on with the rooms of the one before, instead of a copy of them.
    BroadcastOperator to(std::string_view room) &&;
    BroadcastOperator except(std::string_view room) &&;
    BroadcastOperator local() &&;
    BroadcastOperator volatile_() &&;
    BroadcastOperator compress(bool compress) &&;
    BroadcastOperator timeout(Duration timeout) &&;
    BroadcastOperator conflate(std::string_view key = {}) &&;
    BroadcastOperator retain(std::string_view key = {}) &&;
    BroadcastOperator at(std::string_view offset) &&;
    BroadcastOperator in(std::string_view room) const& { return to(room); }
    BroadcastOperator in(std::string_view room) && { return std::move(*this).to(room); }

    void emit(std::string_view event, const Args& args) const;  // throws as Socket::emit
    // Calls `done` (on some shard) with the answers that came in time, and how many sockets were asked. Of an
    // answer given on another node only the first argument arrives.
    void emit_with_ack(std::string_view event, const Args& args, Duration timeout,
                       std::function<void(std::vector<Args>, std::size_t asked)> done) const;
    void emit_with_ack(std::string_view event, const Args& args,
                       std::function<void(std::vector<Args>, std::size_t asked)> done) const {
        emit_with_ack(event, args, timeout_, std::move(done));
    }
    // The same, awaited; resumes where it is awaited.
    Task<BroadcastAnswers> emit_with_ack(std::string event, Args args) const;
    // Ends the retaining of a key in these rooms (none: in the namespace itself), or of all keys.
    void forget(std::string_view key) const;
    void forget_all() const;
    void sockets_join(std::string_view room) const;
    void sockets_leave(std::string_view room) const;
    void disconnect_sockets(bool close = false) const;
    // Calls `done` on some shard. The other resumes where it is awaited.
    void fetch_sockets(std::function<void(FetchedSockets)> done) const;
    Task<FetchedSockets> fetch_sockets() const;

private:
    Namespace* nsp_;
    Target target_;
    Duration timeout_ = std::chrono::seconds(10);
};

// What becomes of events that find their client behind: nothing leaves at once, and max_packets or max_bytes
// wait for its connection already. Acknowledgements, and what recovery has in its log, are queued whatever
// the policy. Beyond the bounds of Options the connection is closed as too_slow in any case.
struct SlowClients {
    enum class Policy {
        close,     // the connection, as too_slow; its client comes back
        drop,      // as if every event were volatile
        conflate,  // as if every event were Delivery::newest
    };
    static constexpr std::size_t any = std::size_t(-1);
    static SlowClients close(std::size_t max_packets, std::size_t max_bytes = any) {
        return {Policy::close, max_packets, max_bytes};
    }
    static SlowClients drop(std::size_t max_packets = 0, std::size_t max_bytes = any) {
        return {Policy::drop, max_packets, max_bytes};
    }
    static SlowClients conflate(std::size_t max_packets = 0, std::size_t max_bytes = any) {
        return {Policy::conflate, max_packets, max_bytes};
    }
    Policy policy = Policy::close;
    std::size_t max_packets = any;
    std::size_t max_bytes = any;
};

class Namespace {
public:
    using Middleware = std::function<void(Socket&, Next)>;

    virtual ~Namespace() = default;
    virtual const std::string& name() const = 0;
    // Run in order for each CONNECT, before the socket is connected.
    virtual void use(Middleware middleware) = 0;
    virtual void on_connection(std::function<void(Socket&)> handler) = 0;

    BroadcastOperator to(std::string_view room) { return BroadcastOperator(*this).to(room); }
    BroadcastOperator in(std::string_view room) { return to(room); }
    BroadcastOperator except(std::string_view room) { return BroadcastOperator(*this).except(room); }
    BroadcastOperator local() { return BroadcastOperator(*this).local(); }
    BroadcastOperator volatile_() { return BroadcastOperator(*this).volatile_(); }
    BroadcastOperator compress(bool compress) { return BroadcastOperator(*this).compress(compress); }
    BroadcastOperator timeout(Duration timeout) { return BroadcastOperator(*this).timeout(timeout); }
    BroadcastOperator conflate(std::string_view key = {}) { return BroadcastOperator(*this).conflate(key); }
    BroadcastOperator retain(std::string_view key = {}) { return BroadcastOperator(*this).retain(key); }
    void emit(std::string_view event, const Args& args) { broadcast({}, event, args); }
    void sockets_join(std::string_view room) { BroadcastOperator(*this).sockets_join(room); }
    void sockets_leave(std::string_view room) { BroadcastOperator(*this).sockets_leave(room); }
    void disconnect_sockets(bool close = false) { BroadcastOperator(*this).disconnect_sockets(close); }
    void fetch_sockets(std::function<void(FetchedSockets)> done) {
        BroadcastOperator(*this).fetch_sockets(std::move(done));
    }
    Task<FetchedSockets> fetch_sockets() { return BroadcastOperator(*this).fetch_sockets(); }
    // Before traffic. Costs nothing where it is not used.
    virtual void on_rooms(RoomEvents events) = 0;

    // Events between the servers of a cluster, which no client sees. Handlers are set before traffic starts
    // and called on some shard; what one throws is logged. A node that has none for an event answers null.
    virtual void on_server_side(std::string event, EventHandler handler) = 0;
    // To every node but this one. Throws std::invalid_argument for the names that Node's servers keep for
    // themselves: connect, connection, new_namespace.
    virtual void server_side_emit(std::string_view event, const Args& args) = 0;
    // `done` is called on some shard, or at once if there is no other node.
    virtual void server_side_emit_with_ack(std::string_view event, const Args& args,
                                           std::function<void(ServerSideAnswers)> done) = 0;
    Task<ServerSideAnswers> server_side_emit_with_ack(std::string event, Args args);
    // What fetch_sockets() tells as `data`, {} without it. Before traffic; called on the socket's shard.
    virtual void describe_sockets_by(std::function<boost::json::value(Socket&)> describe) = 0;
    // Connects the namespace with those of other nodes (redis_adapter/redis_adapter.hpp). Before traffic.
    virtual void use_adapter(const AdapterFactory& make) = 0;

    // Lets clients come back as who they were, and get what they missed (recovery.hpp). Before traffic.
    virtual void use_recovery(LogRecoveryOptions options) = 0;
    virtual void use_recovery(SourceRecoveryOptions options) = 0;
    // Throws std::logic_error if the adapter, which is set first, has no log for it.
    virtual void use_recovery(ClusterRecoveryOptions options) = 0;

    // Refuses a user's sockets beyond `most` on this node, after the middleware, with "Too many connections".
    // `user_of` tells whose a socket is, on its shard; an empty text: nobody's. Before traffic.
    virtual void limit_sockets_per_user(std::size_t most, std::function<std::string(Socket&)> user_of) = 0;
    // What becomes of this namespace's events for clients that do not keep up. Before traffic.
    virtual void slow_clients(SlowClients policy) = 0;

    // Runs `work` for each socket of the room (empty: the namespace) on this node, on each one's shard.
    virtual void for_each(std::string_view room, std::function<void(Socket&)> work) = 0;
    virtual std::size_t size() const = 0;  // connected sockets of this node, over all shards
    // Whether a socket of any shard has joined the room; any thread. The room that every socket is in under
    // its own id does not count: ask for rooms that somebody joined.
    virtual bool has_members(std::string_view room) const = 0;

protected:
    friend class BroadcastOperator;
    virtual void broadcast(const Target& target, std::string_view event, const Args& args) = 0;
    virtual void broadcast_with_ack(const Target& target, std::string_view event, const Args& args,
                                    Duration timeout,
                                    std::function<void(std::vector<Args>, std::size_t)> done) = 0;
    virtual void forget(const Target& target, std::optional<std::string_view> key) = 0;
    virtual void sockets_join(const Target& target, std::string_view room) = 0;
    virtual void sockets_leave(const Target& target, std::string_view room) = 0;
    virtual void disconnect_sockets(const Target& target, bool close) = 0;
    virtual void fetch_sockets(const Target& target, std::function<void(FetchedSockets)> done) = 0;
};

}  // namespace pulse::socketio
