#!/usr/bin/env bash
# Runs a command with a PostgreSQL server of its own: xtask/postgres.sh cargo test …
# The server lives in a temporary folder, listens on a free port of this machine alone, and is stopped
# whatever happens. The command finds it in SYNCLINE_TEST_DATABASE, and in SYNCLINE_TEST_DATABASE_RESTART a
# command that restarts it. A server that is named there already is used as it is.
set -euo pipefail

if [ -n "${SYNCLINE_TEST_DATABASE:-}" ]; then
  exec "$@"
fi

# Without PostgreSQL there is nothing to test with: say so, and fail only in CI.
cannot_run() {
  echo "PostgreSQL: NOT RUN: $1"
  if [ "${CI:-}" = "true" ]; then exit 1; fi
  exit 0
}

newest() {
  local candidates=(/usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin)
  local found
  found="$(command -v initdb || true)"
  if [ -n "$found" ]; then candidates+=("$(dirname "$found")"); fi
  local best="" best_version=0 version folder
  for folder in "${candidates[@]}"; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] || continue
    version="$("$folder/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')"
    if [ "$version" -gt "$best_version" ]; then best="$folder" best_version="$version"; fi
  done
  [ "$best_version" -ge 15 ] && echo "$best"
}

if ! bin="$(newest)"; then
  "$(dirname "$0")/need.sh" postgresql || cannot_run "PostgreSQL 15 or newer is not installed and can not be (Debian, Ubuntu: apt-get install postgresql)"
  bin="$(newest)" || cannot_run "the PostgreSQL that is installed is older than 15"
fi

# The server refuses to run as root.
as_user=()
if [ "$(id -u)" = 0 ]; then
  for user in postgres nobody; do
    if id -u "$user" > /dev/null 2>&1; then break; fi
  done
  id -u "$user" > /dev/null 2>&1 || cannot_run "root may not run PostgreSQL, and there is no user postgres or nobody"
  if command -v setpriv > /dev/null; then
    as_user=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
  elif command -v runuser > /dev/null; then
    as_user=(runuser -u "$user" --)
  else
    cannot_run "root may not run PostgreSQL, and neither setpriv nor runuser is there"
  fi
fi
# The array may be empty, which old shells take for unset.
server() { (cd "$folder" && ${as_user[@]+"${as_user[@]}"} "$@"); }

# Each test makes a schema of sixty files, which is what takes longest: in memory where there is plenty.
where="${TMPDIR:-/tmp}"
is_roomy() {
  local free available
  [ -w /dev/shm ] && [ -r /proc/meminfo ] || return 1
  free="$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')"
  available="$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)"
  [ "${free:-0}" -ge 8000000 ] && [ "${available:-0}" -ge 14000000 ]
}
# What a bench measures is a disk.
if [ -z "${SYNCLINE_POSTGRES_SETTINGS:-}" ] && is_roomy; then where=/dev/shm; fi

folder="$(mktemp -d "$where/syncline-postgres.XXXXXX")"
# Nothing may be executed where memory is the disk, on some machines.
restart="${TMPDIR:-/tmp}/$(basename "$folder").restart"
running=""
stop() {
  status=$?
  trap - EXIT INT TERM HUP
  if [ -n "$running" ]; then
    server "$bin/pg_ctl" -D "$folder/data" -m immediate stop > /dev/null 2>&1 || true
  fi
  rm -rf "$folder" "$restart"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ "$(id -u)" = 0 ]; then chown "$user" "$folder"; fi
chmod 755 "$folder"

if ! server "$bin/initdb" -D "$folder/data" -A trust -U syncline -E UTF8 --locale=C --no-sync > "$folder.initdb" 2>&1; then
  cat "$folder.initdb"; rm -f "$folder.initdb"
  echo "PostgreSQL: a cluster could not be made (see above)"
  exit 1
fi
rm -f "$folder.initdb"

# A bench wants other settings than tests: the last one counts.
# Nothing here outlives the run, so nothing need reach the disk. Tests open a handful of connections each.
settings="-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=1000 -c shared_buffers=256MB -c autovacuum=off ${SYNCLINE_POSTGRES_SETTINGS:-}"
started=""
# A port may be taken: another one then.
for _ in 1 2 3 4 5; do
  # Below the ports that the system hands out by itself.
  port=$((20000 + RANDOM % 12000))
  if server "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w -t 60 -o "-p $port $settings" start > /dev/null; then
    started=yes
    break
  fi
done
if [ -z "$started" ]; then
  cat "$folder/data/log" || true
  echo "PostgreSQL: the server did not start (see above)"
  exit 1
fi
running=yes

# How a test restarts it, hard: a command, for it may have to become another user first.
printf '#!/bin/sh\ncd "%s" && exec %s "%s" -D "%s" -l "%s" -w -t 60 -m immediate restart\n' \
  "$folder" "${as_user[*]-}" "$bin/pg_ctl" "$folder/data" "$folder/data/log" > "$restart"
chmod 700 "$restart"

echo "PostgreSQL: $("$bin/postgres" --version | sed -E 's/^[^0-9]*([0-9.]+).*/\1/') on port $port"
SYNCLINE_TEST_DATABASE="postgres://syncline@127.0.0.1:$port/postgres" SYNCLINE_TEST_DATABASE_RESTART="$restart" "$@"
