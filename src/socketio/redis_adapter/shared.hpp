#pragma once
// What this adapter shares with others (socketio/cluster/), by its own name.
#include "socketio/cluster/answers.hpp"
#include "socketio/cluster/body.hpp"
#include "socketio/cluster/bus.hpp"
#include "socketio/cluster/pending_requests.hpp"

namespace pulse::socketio::redis_adapter {

using namespace cluster;  // NOLINT(google-build-using-namespace): one vocabulary, two formats

}  // namespace pulse::socketio::redis_adapter
