#pragma once
// Who is let into the admin namespace: credentials once, then the session that was given for them.
#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/task.hpp"
#include "base/worker.hpp"
#include "socketio/admin/admin.hpp"
#include "socketio/session_seal.hpp"
#include "socketio/socket.hpp"

namespace pulse::socketio {

class AdminGate : public std::enable_shared_from_this<AdminGate> {
public:
    explicit AdminGate(const AdminOptions& options);

    // The namespace's middleware.
    void admit(Socket& socket, Next next);
    // For one who came in with credentials: the session to come back with.
    std::optional<std::string> new_session(Socket& socket) const;

private:
    // Of all guesses together: whoever makes them may come from many addresses.
    static constexpr int failures_per_minute = 30;

    bool may_try(TimePoint now);
    void answer(Next& next, bool right);
    bool is_session(Socket& socket, std::string_view session) const;
    static Task<> verify(std::shared_ptr<AdminGate> gate, std::string username, std::string password,
                         Next next);

    const AdminAuth auth_;
    const std::string nsp_;
    const Duration lifetime_;
    const SessionSeal seal_;
    std::atomic<std::int64_t> minute_{0};
    std::atomic<int> failures_{0};    // of this minute
    std::unique_ptr<Worker> worker_;  // for a Verify only
};

}  // namespace pulse::socketio
