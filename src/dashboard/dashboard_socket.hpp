#pragma once
// The /dashboard namespace (contract section 5): who may connect, and what a connected socket may ask.
#include "dashboard/dashboard_events.hpp"
#include "dashboard/socket_session.hpp"
#include "socketio/server.hpp"

namespace pulse::dashboard {

// Sets the namespace up; before traffic. What it is given outlives the server.
void serve_dashboard_namespace(socketio::Namespace& nsp, const SessionParts& parts, DashboardEvents& events);

}  // namespace pulse::dashboard
