# The headers that applications include, relative to src/. `cmake --install` copies them and whatever they
# include (install_headers.cmake), so that what is internal stays here. A test asks for each that the examples
# and docs/socketio/ name.
set(PULSE_PUBLIC_HEADERS
  base/log.hpp
  engineio/server.hpp
  net/hosted_http.hpp
  net/http_server.hpp
  net/shard.hpp
  socketio/adapter.hpp
  socketio/admin/admin.hpp
  socketio/beast_host.hpp
  socketio/event.hpp
  socketio/log_recovery.hpp
  socketio/msgpack.hpp
  socketio/recovery.hpp
  socketio/server.hpp
  socketio/standalone.hpp)

# What comes with pulse-socketio-redis.
set(PULSE_PUBLIC_HEADERS_redis
  redis/client.hpp
  redis/url.hpp
  socketio/redis_adapter/redis_adapter.hpp
  socketio/redis_streams/redis_streams.hpp)
