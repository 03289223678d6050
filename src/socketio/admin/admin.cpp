#include "socketio/admin/admin.hpp"

#include <utility>

#include "socketio/admin/admin_commands.hpp"
#include "socketio/admin/admin_gate.hpp"
#include "socketio/admin/admin_monitor.hpp"

namespace pulse::socketio {
namespace json = boost::json;

namespace {

// What the application shows controls for.
json::object config_of(const AdminOptions& options) {
    json::array features;
    if (!options.read_only) {
        features = {"EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"};
    }
    features.emplace_back("AGGREGATED_EVENTS");
    if (options.mode == AdminMode::development) features.emplace_back("ALL_EVENTS");
    return {{"supportedFeatures", std::move(features)}};
}

}  // namespace

void instrument(Server& io, AdminOptions options) {
    auto& nsp = static_cast<NamespaceImpl&>(io.of(options.namespace_name));
    const auto monitor = std::make_shared<AdminMonitor>(io, nsp, options);
    const auto gate = std::make_shared<AdminGate>(options);
    nsp.use([gate](Socket& socket, Next next) { gate->admit(socket, std::move(next)); });
    nsp.on_connection([&io, gate, weak = std::weak_ptr(monitor), config = config_of(options),
                       read_only = options.read_only](Socket& admin) {
        if (const auto session = gate->new_session(admin)) {
            admin.emit("session", Args({json::string_view(session->data(), session->size())}));
        }
        admin.emit("config", Args({config}));
        if (!read_only) serve_admin_commands(io, admin);
        if (const auto here = weak.lock()) here->welcome(admin);
    });
    monitor->start();
    nsp.shared().monitor = monitor;
}

}  // namespace pulse::socketio
