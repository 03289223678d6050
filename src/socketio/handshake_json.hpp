#pragma once
// A socket's handshake as other nodes are told of it: the keys and kinds of Node's `socket.handshake`. Pure;
// any thread.
#include <boost/json/object.hpp>

#include "socketio/socket.hpp"

namespace pulse::socketio {

boost::json::object handshake_json(const HandshakeView& handshake);

// Takes out what may hold a secret: auth, the headers authorization and cookie, and of the query, in `url`
// too, all but the protocol's own parameters.
void hide_credentials(boost::json::object& handshake);

}  // namespace pulse::socketio
