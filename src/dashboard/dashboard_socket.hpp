#pragma once
// The /dashboard namespace (contract section 5): who may connect, and what a connected socket may ask.
#include "auth/token.hpp"
#include "dashboard/dashboard_events.hpp"
#include "socketio/server.hpp"

namespace pulse::dashboard {

// Sets the namespace up; before traffic. Verifier and events outlive the server.
void serve_dashboard_namespace(socketio::Namespace& nsp, const auth::TokenVerifier& verifier,
                               DashboardEvents& events, const Clock& clock);

}  // namespace pulse::dashboard
