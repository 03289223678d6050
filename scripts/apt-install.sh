#!/usr/bin/env bash
# scripts/apt-install.sh PACKAGE…    as root: installs Debian packages as programs only.
# PostgreSQL, Redis, nginx and HAProxy would each start a service now and at every boot, and PostgreSQL would make
# a database cluster. The tests and ./run cluster start private instances instead, so none of that is wanted here;
# what was installed before is left as it is.
set -euo pipefail

temporary=()
trap 'rm -f "${temporary[@]}"' EXIT

# Asked by every package before it starts a service; 101 is "forbidden".
if [ ! -e /usr/sbin/policy-rc.d ]; then
  temporary+=(/usr/sbin/policy-rc.d)
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
  chmod +x /usr/sbin/policy-rc.d
fi
# Read by postgresql-common, pg_createcluster(1).
mkdir -p /etc/postgresql-common/createcluster.d
temporary+=(/etc/postgresql-common/createcluster.d/pulseboard.conf)
echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/pulseboard.conf

# Those that would come up at the next boot. One that is installed already is in somebody's use; PostgreSQL's
# service starts clusters, and there is none.
services=()
for package in "$@"; do
  case $package in
    redis-server | nginx | haproxy)
      dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' || services+=("$package") ;;
  esac
done

apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"

for service in "${services[@]}"; do
  if command -v systemctl >/dev/null; then systemctl disable --quiet "$service" || true; fi
  if command -v update-rc.d >/dev/null; then update-rc.d "$service" disable || true; fi
done
