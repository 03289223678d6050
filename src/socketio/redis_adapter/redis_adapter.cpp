#include "socketio/redis_adapter/redis_adapter.hpp"

#include "socketio/cluster/redis_bus.hpp"
#include "socketio/redis_adapter/node.hpp"

namespace pulse::socketio::redis_adapter {

AdapterFactory create_adapter(redis::Client& client, Options options) {
    return [bus = std::make_shared<RedisBus>(client, options.stats), options = std::move(options)](
               const std::weak_ptr<LocalSockets>& here) { return make_node(bus, here, options); };
}

}  // namespace pulse::socketio::redis_adapter
