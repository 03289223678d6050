#!/usr/bin/env bash
# Measures how soon a write reaches an open dashboard: 200 tenants with one socket each, 500 writes a second
# (PATCH of a business's name) for 20 seconds. The time runs from sending the request, so it holds the
# commit, and ends when the event arrives. Server on core 0, clients on core 1; the database anywhere.
#
#     bench/delivery.sh [build directory, default build/release]     DATABASE_URL, REDIS_URL: as for serve
set -euo pipefail
build=${1:-build/release}
folder=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null; rm -rf "$folder"' EXIT
export DATABASE_URL=${DATABASE_URL:-sqlite:$folder/bench.db}
export JWT_SECRET=a-secret-of-at-least-thirty-two-bytes PORT=4557

ADMIN_PORT=0 RATE_LIMIT=0 THREADS=1 taskset -c 0 "$build/pulseboard" serve >/dev/null &
server=$!
until curl -sf -o /dev/null http://127.0.0.1:$PORT/ready; do
    kill -0 $server || exit 1
    sleep 0.1
done
taskset -c 1 node "$(dirname "$0")/delivery.mjs" "$server"
