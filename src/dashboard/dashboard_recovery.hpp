#pragma once
// Connection state recovery of the /dashboard namespace from the tenants' change logs (contract section 5):
// what a client missed is read from the store, so it may come back to any node, and after a restart.
#include <functional>
#include <string>

#include "base/ids.hpp"
#include "dashboard/dashboard_events.hpp"
#include "dashboard/socket_session.hpp"
#include "socketio/recovery.hpp"

namespace pulse::dashboard {

// After serve_dashboard_namespace(), before traffic; the events outlive the namespace's sockets. `user_of`
// tells whom the middleware admitted. `secret` is the same on all nodes. It keeps sessions apart, and does
// not guard the data: whoever resumes one has shown a token of its user, and could ask for everything that is
// replayed.
void serve_recovery(
    socketio::Namespace& nsp, DashboardEvents& events, std::string secret,
    std::function<UserId(socketio::Socket&)> user_of = [](socketio::Socket& socket) {
        return session_of(socket).user();
    });

}  // namespace pulse::dashboard
