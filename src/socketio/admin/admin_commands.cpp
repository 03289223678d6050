#include "socketio/admin/admin_commands.hpp"

#include <stdexcept>

#include "base/log.hpp"

namespace pulse::socketio {
namespace json = boost::json;

namespace {

std::optional<std::string> text_at(const Args& args, std::size_t place) {
    if (place >= args.size() || !args[place].is_string()) return std::nullopt;
    return std::string(args[place].get_string());
}

// The sockets that a command is about; the namespace is held while it runs.
struct Whom {
    std::shared_ptr<Namespace> nsp;
    BroadcastOperator sockets;
};

// The first argument names the namespace, `filter_at` a room of it, or is absent or null: all of it.
std::optional<Whom> whom(Server& io, const Args& args, std::size_t filter_at) {
    const auto name = text_at(args, 0);
    auto nsp = name ? io.find(*name) : nullptr;
    if (!nsp) return std::nullopt;
    BroadcastOperator all(*nsp);
    if (filter_at < args.size() && !args[filter_at].is_null()) {
        const auto room = text_at(args, filter_at);
        if (!room) return std::nullopt;
        if (!room->empty()) all = std::move(all).to(*room);
    }
    return Whom{std::move(nsp), std::move(all)};
}

void emit(Server& io, const Args& args) {
    const auto target = whom(io, args, 1);
    const auto event = text_at(args, 2);
    if (!target || !event) return;
    Args out;
    out.json.insert(out.json.begin(), args.json.begin() + 3, args.json.end());
    out.attachments = args.attachments;
    target->sockets.emit(*event, out);
}

}  // namespace

void serve_admin_commands(Server& io, Socket& admin) {
    const auto serve = [&](const char* command, auto carry_out) {
        admin.on(command, [command, carry_out, id = admin.id()](const Args& args, const Ack&) {
            log::info("socket.io: the admin {} asks for: {}", id, command);
            try {
                carry_out(args);
            } catch (const std::invalid_argument& error) {  // a reserved event
                log::warn("socket.io: the admin's {} is refused: {}", command, error.what());
            }
        });
    };
    serve("emit", [&io](const Args& args) { emit(io, args); });
    serve("join", [&io](const Args& args) {
        const auto target = whom(io, args, 2);
        const auto room = text_at(args, 1);
        if (target && room) target->sockets.sockets_join(*room);
    });
    serve("leave", [&io](const Args& args) {
        const auto target = whom(io, args, 2);
        const auto room = text_at(args, 1);
        if (target && room) target->sockets.sockets_leave(*room);
    });
    serve("_disconnect", [&io](const Args& args) {
        const auto target = whom(io, args, 2);
        if (!target) return;
        const bool close = args.size() > 1 && args[1].is_bool() && args[1].get_bool();
        target->sockets.disconnect_sockets(close);
    });
}

}  // namespace pulse::socketio
