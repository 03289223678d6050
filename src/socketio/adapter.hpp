#pragma once
// How a namespace reaches sockets beyond this process. An Adapter carries out what the namespace is asked
// for, on all nodes that it connects; LocalSockets is what it finds on this one. Without another, a
// namespace uses its own in-process adapter, which knows this node only.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/namespace.hpp"

namespace pulse::socketio {

class BroadcastAcks;
class ClusterLog;

// One namespace's sockets on this node, all shards. Any thread. Nothing here is told to other nodes, and
// nothing throws: what comes from other nodes is checked by whoever decoded it.
class LocalSockets {
public:
    virtual ~LocalSockets() = default;
    virtual const std::string& name() const = 0;
    virtual net::ShardPool& shards() = 0;
    virtual std::size_t max_attachments() const = 0;
    // False: certainly nobody here, so that there is no need to decode what is for them.
    virtual bool may_have(std::string_view room) const = 0;

    // `held` is let go once each shard has queued the event for its sockets: by it, the caller can bound
    // what is on its way.
    virtual void deliver(const Target& target, std::string_view event, const Args& args,
                         std::shared_ptr<void> held) = 0;
    // Asks each socket for an acknowledgement. Tells once how many were asked, and of each answer: nullopt if
    // none came in time. The answers may come before the number. Called on the shards.
    virtual void ask(const Target& target, std::string_view event, const Args& args, Duration timeout,
                     std::function<void(std::size_t)> asked,
                     std::function<void(std::optional<Args>)> answered) = 0;
    virtual void join(const Target& target, const std::vector<std::string>& rooms) = 0;
    virtual void leave(const Target& target, const std::vector<std::string>& rooms) = 0;
    virtual void disconnect(const Target& target, bool close) = 0;
    virtual void fetch(const Target& target, std::function<void(std::vector<RemoteSocket>)> done) = 0;
    virtual void list_rooms(std::function<void(std::vector<std::string>)> done) = 0;
    // Calls the handlers of on_server_side() on this thread; false if there are none.
    virtual bool receive_server_side(std::string_view event, const Args& args, const Ack& ack) = 0;
};

// Any thread, unless said otherwise. The target's scope is the cluster: what is for this node only does not
// come here. Arguments were checked, and are valid during the call; callbacks do not throw.
class Adapter {
public:
    virtual ~Adapter() = default;
    virtual void broadcast(const Target& target, std::string_view event, const Args& args) = 0;
    // Adds what it asks to `acks` (broadcast_acks.hpp).
    virtual void broadcast_with_ack(const Target& target, std::string_view event, const Args& args,
                                    Duration timeout, const std::shared_ptr<BroadcastAcks>& acks) = 0;
    virtual void sockets_join(const Target& target, const std::vector<std::string>& rooms) = 0;
    virtual void sockets_leave(const Target& target, const std::vector<std::string>& rooms) = 0;
    virtual void disconnect_sockets(const Target& target, bool close) = 0;
    virtual void fetch_sockets(const Target& target, std::function<void(FetchedSockets)> done) = 0;
    // To the other nodes.
    virtual void server_side_emit(std::string_view event, const Args& args) = 0;
    virtual void server_side_emit_with_ack(std::string_view event, const Args& args,
                                           std::function<void(ServerSideAnswers)> done) = 0;

    // A room that sockets join by name got its first member on this node, or lost its last one. In the order
    // in which it happens to that room, under a lock: to be noted, not acted upon.
    virtual void on_room(std::string_view room, bool present) = 0;
    // A socket has connected, or has left: there is a room of its id, of which on_room() says nothing.
    virtual void on_socket(const std::string& id, bool present) = 0;

    // What clients can be recovered from on any node (cluster_log.hpp); nullptr: it has none. Asked for once,
    // before traffic, and kept from then on.
    virtual std::shared_ptr<ClusterLog> cluster_log() { return nullptr; }
};

}  // namespace pulse::socketio
