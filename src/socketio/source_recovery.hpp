#pragma once
// Recovery from the application's own log (recovery.hpp, RecoverySource). Keeps nothing of a session: all
// of it is in the sealed pid.
#include <mutex>
#include <string>
#include <unordered_set>

#include "socketio/recovery_impl.hpp"
#include "socketio/session_seal.hpp"

namespace pulse::socketio {

class SourceRecovery final : public Recovery {
public:
    SourceRecovery(NamespaceImpl& nsp, SourceRecoveryOptions options);

    void admit(const std::shared_ptr<SocketImpl>& socket) override;
    void on_left(SocketImpl&, DisconnectReason) override {}
    bool take(const Target&, std::string_view, const Args&, const std::shared_ptr<void>&) override {
        return false;
    }

private:
    class Claim;
    std::shared_ptr<Claim> claim(const std::string& sid);
    void admit_newcomer(const std::shared_ptr<SocketImpl>& socket, const std::string& owner);
    void resume(const std::shared_ptr<SocketImpl>& socket, std::shared_ptr<Claim> claim,
                SessionSeal::Session session);
    std::vector<Outgoing> encode(const std::vector<MissedEvent>& events) const;

    NamespaceImpl& nsp_;
    const SourceRecoveryOptions options_;
    const SessionSeal seal_;
    std::mutex mutex_;
    std::unordered_set<std::string> resuming_;  // ids; two clients with one pid must not both become it
};

}  // namespace pulse::socketio
