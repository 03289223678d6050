# The rooms of the house and what each may include: one table, from which both the CMake targets
# (CMakeLists.txt) and the test that reads the #include lines (check_includes.cmake) are made.
#
# PULSE_MAY_INCLUDE_<layer> lists the layers whose headers <layer> may use, besides its own and base.
# Layers stand in an order in which each comes after everything it may include.
set(PULSE_LAYERS base net redis cache store auth engineio socketio http dashboard app)

set(PULSE_MAY_INCLUDE_base "")
set(PULSE_MAY_INCLUDE_net "")
set(PULSE_MAY_INCLUDE_redis net)
set(PULSE_MAY_INCLUDE_cache redis net)
set(PULSE_MAY_INCLUDE_store "")
set(PULSE_MAY_INCLUDE_auth store)
set(PULSE_MAY_INCLUDE_engineio net)
set(PULSE_MAY_INCLUDE_socketio engineio redis net)
set(PULSE_MAY_INCLUDE_http auth net)
set(PULSE_MAY_INCLUDE_dashboard http socketio auth store cache net)
set(PULSE_MAY_INCLUDE_app dashboard http socketio engineio auth store cache redis net)

# These folders are implementations: only app, examples, and the folder itself, may name them.
set(PULSE_PRIVATE_FOLDERS store/sqlite store/postgres cache/process cache/redis socketio/redis_adapter
  socketio/redis_streams)
# And what such implementations share: their layer alone may name it.
set(PULSE_SHARED_FOLDERS store/sql socketio/cluster)
