#!/usr/bin/env bash
# Measures the Socket.IO library: server CPU per unit, server on core 0, load on core 1.
#
#     bench/fanout.sh [build directory, default build/release]
set -euo pipefail
build=${1:-build/release}
PORT=${PORT:-4555}
SECRET=a-secret-of-at-least-thirty-two-bytes
export PORT SECRET THREADS=1
ulimit -n "$(ulimit -Hn)"

scenario() {
    taskset -c 0 "$build/bench/fanout_server" >/dev/null &
    server=$!
    trap 'kill $server 2>/dev/null' EXIT
    until curl -s -o /dev/null "http://127.0.0.1:$PORT/"; do
        kill -0 $server || exit 1
        sleep 0.1
    done
    echo "== $*"
    taskset -c 1 "$build/bench/fanout_client" "$PORT" "$server" "$SECRET" "$@"
    kill $server
    wait $server || true
}

scenario all 5000
scenario burst 5000
scenario room 5000
scenario kpis
scenario idle 10000
