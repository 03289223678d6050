#include "socketio/redis_streams/redis_streams.hpp"

#include "socketio/redis_streams/node.hpp"
#include "socketio/redis_streams/reader.hpp"

namespace pulse::socketio::redis_streams {

AdapterFactory create_adapter(redis::Client& client, Options options) {
    auto reader = std::make_shared<Reader>(client, options);
    reader->start();
    return [&client, reader = std::move(reader), options = std::move(options)](
               const std::weak_ptr<LocalSockets>& here) { return make_node(client, reader, here, options); };
}

}  // namespace pulse::socketio::redis_streams
