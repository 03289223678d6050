#pragma once
// Lets the browser application @socket.io/admin-ui look into a server, and work on it: a namespace that
// speaks what that application expects (socket.io/docs/v4/admin-ui).
//
//     socketio::instrument(io, {.auth = socketio::AdminAuth::password("admin", secret)});
//
// The application runs on a page of another origin, so that origin has to be among Cors::allowed_origins,
// with Cors::credentials.
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace pulse::socketio {

class Server;

// Who may enter. There is no default: letting everybody in has to be said.
class AdminAuth {
public:
    // Whether this is the password of that name. May take its time (a password hash): called on a thread of
    // its own, one call at a time; while too many wait, everybody is refused.
    using Verify = std::function<bool(std::string_view username, std::string_view password)>;

    static AdminAuth none();  // everybody
    // One account. Compared in constant time. Throws std::invalid_argument if the password is empty.
    static AdminAuth password(std::string username, std::string password);
    static AdminAuth verify(Verify verify);

private:
    friend class AdminGate;
    AdminAuth() = default;
    std::string username_;
    std::string password_;
    Verify verify_;
    bool open_ = false;
};

enum class AdminMode {
    production,   // sums only, every two seconds: what it costs does not depend on the number of sockets
    development,  // also every socket, room and event, up to the bounds below
};

struct AdminOptions {
    AdminAuth auth;
    std::string namespace_name = "/admin";
    AdminMode mode = AdminMode::production;
    bool read_only = false;   // true: nobody can emit, join, leave or disconnect from there
    std::string server_id{};  // of this process among all that are shown; empty: host name and process id
    std::string session_secret{};  // the same on all nodes: who signed in on one may go on on others
    Duration session_lifetime = std::chrono::hours(24);
    // Of development mode. Of what happens beyond it, events are left out, and all sockets are told anew.
    std::size_t max_changes_per_second = 500;  // of sockets and rooms
    std::size_t max_events_per_second = 500;   // received and sent
    std::size_t max_sockets_listed = 500;      // to somebody who has just come; there may be more
};

// Before traffic, once per server. It keeps what it needs as long as the server lives.
void instrument(Server& io, AdminOptions options);

}  // namespace pulse::socketio
