#pragma once
// Connects a namespace with those of other processes over a Redis stream, in the format of Node's
// @socket.io/redis-streams-adapter 0.3:
//
//     redis::Client redis(shards[0], *redis::parse_url("redis://127.0.0.1:6379"));
//     io.of("/chat").use_adapter(redis_streams::create_adapter(redis));
//     redis.start();
//
// Other than with redis_adapter/, what is emitted while a node's connection to Redis is lost reaches that
// node when it is back, and every node has all events in one order: they are delivered when they come back
// out of the stream, on the node that emits them too. While Redis is away a node's own sockets are served at
// once.
//
// It has the log for Namespace::use_recovery(ClusterRecoveryOptions): clients come back to any node, also to
// and from Node's, whose format of sessions and offsets it is. docs/socketio/redis_streams.md tells which of
// the known troubles of that format are closed, and how.
//
// Node's adapter differs in three things that its format leaves open. It delivers its own events when Redis
// has taken them, so its sockets may see them before others that are older. It does not number its entries:
// ours have an additional field, `number`, which it ignores, and by which one whose fate was unknown is not
// carried out twice. And it has no bound for what is on its way: we read no more until it has left.
#include "redis/client.hpp"
#include "socketio/namespace.hpp"
#include "socketio/redis_streams/options.hpp"

namespace pulse::socketio::redis_streams {

// For any number of namespaces, which share one connection that reads. The client outlives the servers that
// use it, and the shards' running.
AdapterFactory create_adapter(redis::Client& client, Options options = {});

}  // namespace pulse::socketio::redis_streams
