#!/usr/bin/env bash
# Measures GET /api/dashboard/tenant/kpis of the product: server CPU per request, from the cache and from the
# database (KPI_CACHE_TTL=0), with 100 and with 1,000,000 rows of history. Server on core 0, load on core 1.
#
#     bench/kpis.sh [build directory, default build/release]
set -euo pipefail
build=${1:-build/release}
folder=$(mktemp -d)
trap 'kill $server 2>/dev/null; rm -rf "$folder"' EXIT
server=
SECRET=a-secret-of-at-least-thirty-two-bytes
user=00000000-0000-4000-8000-000000000001
business=00000000-0000-4000-8000-000000000002

history() {  # history ROWS: a database with that many rows of metrics of one tenant
    rm -f "$folder"/bench.db*
    DATABASE_URL=sqlite:$folder/bench.db "$build/pulseboard" migrate >/dev/null
    sqlite3 "$folder/bench.db" "
        INSERT INTO businesses(id, user_id, name, category, status)
            VALUES ('$business', '$user', 'Bench', 'retail', 'active');
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
        INSERT INTO business_metrics(business_id, metric_date, demand_listing_id, views_count, messages_count)
            SELECT '$business', date('2026-01-01', '+' || (i % 300) || ' days'),
                   printf('00000000-0000-4000-9000-%012x', i), 3, 1 FROM n;"
}

measure() {  # measure TEXT TTL
    DATABASE_URL=sqlite:$folder/bench.db JWT_SECRET=$SECRET PORT=4556 ADMIN_PORT=0 THREADS=1 RATE_LIMIT=0 \
        KPI_CACHE_TTL=$2 taskset -c 0 "$build/pulseboard" serve >/dev/null &
    server=$!
    until curl -s -o /dev/null http://127.0.0.1:4556/health; do
        kill -0 $server || exit 1
        sleep 0.1
    done
    echo "== $1"
    taskset -c 1 "$build/bench/fanout_client" 4556 $server $SECRET kpis
    kill $server
    wait $server
}

history 100
measure "100 rows, from the cache" 300
measure "100 rows, from the database" 0
history 1000000
measure "1,000,000 rows, from the cache" 300
measure "1,000,000 rows, from the database" 0
