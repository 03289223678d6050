#pragma once
// Recovery from the application's own log (recovery.hpp, RecoverySource). Keeps nothing of a session: all
// of it is in the sealed pid.
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

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
    std::uint64_t claim(const std::string& sid);
    // Whether nobody claimed the id after this claim, which is thereby used up.
    bool use(const std::string& sid, std::uint64_t claim);
    void take_over(const std::shared_ptr<SocketImpl>& socket, std::uint64_t claim,
                   const SessionSeal::Session& session);
    void not_recovered(const std::shared_ptr<SocketImpl>& socket);
    void admit_newcomer(const std::shared_ptr<SocketImpl>& socket, const std::string& owner);
    void resume(const std::shared_ptr<SocketImpl>& socket, const SessionSeal::Session& session);
    std::vector<Outgoing> encode(const std::vector<MissedEvent>& events) const;

    NamespaceImpl& nsp_;
    const SourceRecoveryOptions options_;
    const SessionSeal seal_;
    std::mutex mutex_;
    // Who wants to be the socket of an id, and is still ending the one before: of several, the newest.
    std::unordered_map<std::string, std::uint64_t> claims_;
    std::uint64_t last_claim_ = 0;
};

}  // namespace pulse::socketio
