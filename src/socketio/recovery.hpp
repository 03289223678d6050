#pragma once
// Connection state recovery: a client whose connection broke comes back as the same socket (id, rooms) and
// is sent what it missed; the stock client then reports `socket.recovered`. A namespace is given one of three
// kinds before traffic, with Namespace::use_recovery():
//
//  - LogRecoveryOptions: a log in this process. Any event can be recovered, rooms and data are restored; a
//    session is lost with the process.
//  - SourceRecoveryOptions: the application has a log of its own, in a database, say. Nothing is kept
//    here: the session is in the `pid` that the client holds, sealed, so it may come back after a restart
//    and on another node that has the same secret.
//  - ClusterRecoveryOptions: a log that the nodes of a cluster share through their adapter, as Redis Streams
//    (redis_streams/redis_streams.hpp). Any event can be recovered on any node, Node's among them, and after
//    a restart. An event goes through the log first: emit() is heard a round trip later, by this node's
//    sockets too, and what is emitted to a socket that is then disconnected in the same breath is not.
//
// Each recoverable event carries its offset, a string, as an additional last argument, which clients
// without recovery get too. Middleware runs on every return. If the session cannot be recovered, the client
// is a newcomer: new id, `recovered` is false, connection handlers run as for anybody.
//
// The answer to CONNECT comes before the missed events, other than in Node: the stock client keeps what
// came before it when the connection breaks in between, and would then have those events twice.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/socket.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

struct LogRecoveryOptions {
    Duration max_disconnection = std::chrono::minutes(2);
    // The log's bounds; a client that needs what fell out of it is a newcomer.
    std::size_t max_events = 10'000;
    std::size_t max_bytes = std::size_t(16) << 20;
    std::size_t max_sessions = 10'000;  // that have left and may come back; the oldest gives way
    // Whom a session belongs to, asked after the middleware: nobody else can take it. Unset: whoever has
    // the pid. On the socket's shard.
    std::function<std::string(Socket&)> owner;
};

struct ClusterRecoveryOptions {
    Duration max_disconnection = std::chrono::minutes(2);
    // As in LogRecoveryOptions. With it, a session that another kind of server saved, which knows no owner,
    // is nobody's.
    std::function<std::string(Socket&)> owner;
    // What is saved of a socket besides its rooms, as Node's socket.data, and what to make of it. `restore`
    // is called before the socket is connected.
    std::function<boost::json::value(Socket&)> describe;
    std::function<void(Socket&, const boost::json::value&)> restore;
};

struct MissedEvent {
    std::string event;
    Args args;
    std::string offset;
};

// Where a returning client stopped.
struct LastSeen {
    std::string start;                  // what begin() gave when the session began
    std::optional<std::string> offset;  // of the last event that the client has; may be of an earlier session
                                        // or made up. nullopt: it has none yet
};

// The application's log. Called on the socket's shard, before the socket is connected; it may join rooms,
// so that live events are sent its way from then on: they are dropped until it is connected. To replay
// without gap or repetition, call `done` on the thread that emits those live events, between two of them.
class RecoverySource {
public:
    virtual ~RecoverySource() = default;
    // Whom the session belongs to; nobody else can take it.
    virtual std::string owner(Socket& socket) = 0;
    // A newcomer: calls `done`, on any thread, with an offset from which on it will miss nothing; empty if
    // there is none now, then the client can only be recovered once it has got an event.
    virtual void begin(Socket& socket, std::function<void(std::string offset)> done) = 0;
    // Calls `done`, on any thread, with what the client missed, in order; nullopt: that is not known.
    virtual void resume(Socket& socket, LastSeen seen,
                        std::function<void(std::optional<std::vector<MissedEvent>>)> done) = 0;
};

struct SourceRecoveryOptions {
    std::shared_ptr<RecoverySource> source;
    std::string secret;  // seals the sessions; the same on all nodes
    // Of a session, since it began. How long a client may be away is for the source's log to say: nothing
    // that a client holds can tell.
    Duration max_age = std::chrono::hours(24);
};

// What an offset may look like: 1 to 128 of 0-9 A-Z a-z - _ ~ and the dot.
bool is_offset(std::string_view text);

}  // namespace pulse::socketio
