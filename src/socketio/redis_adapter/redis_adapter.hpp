#pragma once
// Connects a namespace with those of other processes over Redis, in the format of Node's
// @socket.io/redis-adapter 8 and @socket.io/redis-emitter 5.1:
//
//     redis::Client redis(shards[0], *redis::parse_url("redis://127.0.0.1:6379"));
//     io.of("/chat").use_adapter(redis_adapter::create_adapter(redis));
//     redis.start();
//
// The stock adapter subscribes by pattern and so receives everything; this one subscribes to the channels of
// rooms that have members here. While Redis is away, sockets of this node are served as ever.
#include "redis/client.hpp"
#include "socketio/namespace.hpp"
#include "socketio/redis_adapter/options.hpp"

namespace pulse::socketio::redis_adapter {

// For any number of namespaces. The client outlives the servers that use it, and the shards' running.
AdapterFactory create_adapter(redis::Client& client, Options options = {});

}  // namespace pulse::socketio::redis_adapter
