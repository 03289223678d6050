#pragma once
// What the admin application is sent, in its own words. Pure; any thread.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string_view>

#include "socketio/namespace.hpp"
#include "socketio/numbers.hpp"

namespace pulse::socketio {

// The key of a socket's data under which servers tell each other of its connection.
inline constexpr std::string_view admin_data = "_admin";

// What happened from one look at the server to the next, as the sums that the application draws.
boost::json::array aggregated_events(const Numbers& before, const Numbers& now, WallTime at);

// A socket as the application lists it, without what may hold a secret.
boost::json::object admin_socket(RemoteSocket socket, std::string_view nsp);

// The arguments of an event to look at: binary is named by its size, and what is too long left out.
boost::json::array admin_event(std::string_view event, const Args& args);

}  // namespace pulse::socketio
