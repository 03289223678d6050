#!/usr/bin/env bash
# What Pulseboard's triggers cost the writers of an adopted database. Usage: bench/triggers.sh [PROGRAM]
# Starts a private PostgreSQL in a temporary folder (synchronous_commit off, so that the disk does not hide the
# triggers) and runs the same writes without and with what `pulseboard migrate` adds.
set -euo pipefail

program=$(realpath "${1:-build/release/pulseboard}")
bin=$(find /usr/lib/postgresql/*/bin -maxdepth 0 | sort -V | tail -n 1)
folder=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then  # PostgreSQL refuses to run as root
  as=(runuser -u postgres --)
  chown postgres "$folder"
fi
cd "$folder"
stop() { "${as[@]}" "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate stop >/dev/null || true; rm -rf "$folder"; }
trap stop EXIT

"${as[@]}" "$bin/initdb" --no-sync --auth=trust --username=postgres --pgdata="$folder/data" >/dev/null
"${as[@]}" "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait start >/dev/null \
  --options="-c listen_addresses='' -c unix_socket_directories=$folder -c synchronous_commit=off -c shared_buffers=256MB"
export PGHOST=$folder PGUSER=postgres PGDATABASE=postgres
url="postgresql://postgres@/postgres?host=$folder"
sql() { "$bin/psql" -q -t -A -v ON_ERROR_STOP=1 "$@"; }

# The original's tables are those of a new database after `migrate --down`.
DATABASE_URL=$url "$program" migrate >/dev/null
DATABASE_URL=$url "$program" migrate --down >/dev/null
sql -c "INSERT INTO users (id) SELECT gen_random_uuid() FROM generate_series(1, 200);
        CREATE TABLE numbered AS SELECT row_number() OVER () AS n, gen_random_uuid() AS id, id AS user_id FROM users;
        CREATE UNIQUE INDEX ON numbered (n);
        INSERT INTO businesses (id, user_id, name, category) SELECT id, user_id, 'n', 'c' FROM numbered;"

cat > one_row.sql <<'SQL'
\set n random(1, 200)
INSERT INTO business_metrics (business_id, metric_date, demand_listing_id, views_count)
SELECT id, current_date, gen_random_uuid(), 1 FROM numbered WHERE n = :n;
SQL
cat > bulk.sql <<'SQL'
INSERT INTO business_metrics (business_id, metric_date, demand_listing_id, views_count)
SELECT (SELECT id FROM numbered WHERE n = 1), current_date - g % 30, gen_random_uuid(), 1 FROM generate_series(1, 100000) AS g;
SQL

measure() {  # measure NAME
  sql -c "TRUNCATE business_metrics" -c CHECKPOINT
  for clients in 1 8; do
    printf '%s: %s client(s), one row a commit, commits/s: ' "$1" "$clients"
    "$bin/pgbench" -n -M prepared -f one_row.sql -c "$clients" -j 2 -T "${SECONDS_EACH:-10}" | sed -n 's/^tps = \([0-9]*\).*/\1/p'
  done
  for _ in 1 2 3; do
    printf '%s: 100,000 rows of one tenant in one statement, ms: ' "$1"
    "$bin/pgbench" -n -f bulk.sql -t 1 | sed -n 's/^latency average = \([0-9.]*\).*/\1/p'
  done
}
measure without
DATABASE_URL=$url "$program" migrate >/dev/null
measure with
