#pragma once
// What the admin application may ask for, unless it is only to read.
#include "socketio/server.hpp"

namespace pulse::socketio {

// Answers the commands of one admin; what is malformed, or names a namespace that is not there, does nothing.
void serve_admin_commands(Server& io, Socket& admin);

}  // namespace pulse::socketio
