#pragma once
// Recovery from a log in this process (recovery.hpp, LogRecoveryOptions).
//
// An event gets its position, and its place in the queue of each shard that has somebody to receive it,
// under one lock, so each socket gets events in the order of their positions: only then does an offset say
// which ones a client has. Offsets are "<position, base 36>.<this log's mark>".
#include <atomic>
#include <deque>
#include <mutex>
#include <vector>

#include "socketio/event_log.hpp"
#include "socketio/recovery_impl.hpp"
#include "socketio/saved_sessions.hpp"
#include "socketio/timings.hpp"

namespace pulse::socketio {

class LogRecovery final : public Recovery {
public:
    LogRecovery(NamespaceImpl& nsp, LogRecoveryOptions options);

    void admit(const std::shared_ptr<SocketImpl>& socket) override;
    void on_left(SocketImpl& socket, DisconnectReason reason) override;
    Duration keeps_sessions() const override { return kept_ ? options_.max_disconnection : Duration::zero(); }
    bool take(const Target& target, std::string_view event, const Args& args,
              const std::shared_ptr<void>& held) override;

private:
    struct Queued {
        std::uint64_t position;
        std::shared_ptr<const Target> target;
        Outgoing packet;
        std::shared_ptr<void> held;
        EmitTimer timer;
    };
    struct Queue {  // what is on its way to the sockets of one shard
        std::deque<Queued> events;
        std::uint64_t delivering = 0;  // the position that is being delivered; 0: none
        std::uint64_t due = 0;         // up to this position nothing is awaited any more
    };
    void drain(net::Shard& shard, std::uint64_t position);
    std::uint64_t settled(const Queue& queue) const;
    void admit_left(const std::shared_ptr<SocketImpl>& socket);
    void admit_newcomer(const std::shared_ptr<SocketImpl>& socket);
    // False: it cannot be recovered.
    bool restore(const std::shared_ptr<SocketImpl>& socket);
    std::optional<std::uint64_t> offset_position(std::string_view offset) const;

    NamespaceImpl& nsp_;
    const LogRecoveryOptions options_;
    const std::string mark_;          // offsets of another process mean nothing here
    std::atomic<bool> kept_ = false;  // a session has been saved: read where a lock may be held
    std::mutex mutex_;
    EventLog log_;
    SavedSessions sessions_;
    std::vector<Queue> queues_;  // by shard
};

}  // namespace pulse::socketio
