#pragma once
// Recovery from the log that the nodes of a cluster share (cluster_log.hpp, recovery.hpp). Events go through
// the adapter, those to one socket too, and come back with their offset; a session is saved when its client
// leaves, and taken on whichever node it returns to.
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "socketio/cluster_log.hpp"
#include "socketio/recovery_impl.hpp"
#include "socketio/saved_sessions.hpp"

namespace pulse::socketio {

class ClusterRecovery final : public Recovery {
public:
    ClusterRecovery(NamespaceImpl& nsp, std::shared_ptr<ClusterLog> log, ClusterRecoveryOptions options);

    void admit(const std::shared_ptr<SocketImpl>& socket) override;
    void on_left(SocketImpl& socket, DisconnectReason reason) override;
    bool take(const Target& target, std::string_view event, const Args& args,
              const std::shared_ptr<void>& held) override;
    std::uint64_t position_of(std::string_view offset) const override { return log_->position_of(offset); }

private:
    void look_for(const std::shared_ptr<SocketImpl>& socket);
    void restore(const std::shared_ptr<SocketImpl>& socket, LeftSession session);
    void accept(const std::shared_ptr<SocketImpl>& socket, const LeftSession& session, std::uint64_t has,
                const ClusterLog::Missed& missed);
    void not_recovered(const std::shared_ptr<SocketImpl>& socket);
    void admit_newcomer(const std::shared_ptr<SocketImpl>& socket);

    NamespaceImpl& nsp_;
    const std::shared_ptr<ClusterLog> log_;
    const ClusterRecoveryOptions options_;
    std::mutex mutex_;
    SavedSessions here_;  // the connected ones; those who left are in the log
};

}  // namespace pulse::socketio
