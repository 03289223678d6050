#pragma once
// What makes the sockets of one namespace recoverable, behind recovery.hpp: it admits sockets once the
// middleware agreed, as newcomers or as who they were. Owned by the namespace; on_admitted() and on_left()
// are called on the socket's shard, take() from any thread.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/namespace.hpp"
#include "socketio/outgoing.hpp"
#include "socketio/recovery.hpp"

namespace pulse::socketio {

class ClusterLog;
class NamespaceImpl;
class SocketImpl;

// How a socket is connected.
struct Admission {
    std::string sid;  // empty: the one it has
    std::string pid;  // empty: not recoverable
    bool recovered = false;
    std::vector<Outgoing> missed;
};

// A socket's part of it; none while its namespace has no recovery.
struct SocketRecovery {
    std::string pid;     // what the client presented, later its own
    std::string offset;  // what the client presented
    std::string owner;
    std::uint64_t start = 0;
    std::uint64_t last_sent = 0;
    std::uint64_t floor = 0;  // positions up to here were replayed, or are from before its time
};

class Recovery {
public:
    virtual ~Recovery() = default;
    virtual void admit(const std::shared_ptr<SocketImpl>& socket) = 0;
    // A connected socket ends; its rooms are still known.
    virtual void on_left(SocketImpl& socket, DisconnectReason reason) = 0;
    // For how long it keeps the sessions of those who left.
    // Where in its log an offset is that came with an event; 0: it keeps no account of that.
    virtual std::uint64_t position_of(std::string_view) const { return 0; }
    virtual Duration keeps_sessions() const { return Duration::zero(); }
    // Takes an event over that it can recover. False: it goes its usual way, to those who are there.
    virtual bool take(const Target& target, std::string_view event, const Args& args,
                      const std::shared_ptr<void>& held) = 0;
};

std::unique_ptr<Recovery> make_log_recovery(NamespaceImpl& nsp, LogRecoveryOptions options);
std::unique_ptr<Recovery> make_source_recovery(NamespaceImpl& nsp, SourceRecoveryOptions options);
std::unique_ptr<Recovery> make_cluster_recovery(NamespaceImpl& nsp, std::shared_ptr<ClusterLog> log,
                                                ClusterRecoveryOptions options);

// Whether a client may come back after its socket ended so: not if one of both sides said goodbye.
bool is_recoverable(DisconnectReason reason);

// The offset as an event's last argument. `event` is its text, which ends with the bracket of the arguments.
void append_offset(std::string& event, std::string_view offset);
// The client takes any string that comes last for an offset: of an event that has none, null comes last.
void guard_offset(std::string& event, const Args& args);

}  // namespace pulse::socketio
