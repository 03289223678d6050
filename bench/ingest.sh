#!/usr/bin/env bash
# Measures POST /api/activity: events per second that the database has acknowledged, in batches of 100, and the
# server's CPU for each.
#
#     bench/ingest.sh [build directory, default build/release] [seconds, default 10] [connections, default 8]
#
# With DATABASE_URL set it writes there, what it makes stays; else into an SQLite file of its own.
set -euo pipefail
build=${1:-build/release}
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null; rm -rf "$folder"' EXIT
SECRET=a-secret-of-at-least-thirty-two-bytes
export DATABASE_URL=${DATABASE_URL:-sqlite:$folder/bench.db}

"$build/pulseboard" migrate >/dev/null
JWT_SECRET=$SECRET PORT=4557 ADMIN_PORT=0 RATE_LIMIT=0 "$build/pulseboard" serve >/dev/null &
server=$!
until curl -s -o /dev/null http://127.0.0.1:4557/health; do
    kill -0 $server || exit 1
    sleep 0.1
done
echo "== ${DATABASE_URL%%:*}"
"$build/bench/ingest_client" 4557 $server $SECRET "${2:-10}" "${3:-8}"
kill $server
wait $server
