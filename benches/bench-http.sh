#!/usr/bin/env bash
# Throughput of the Graph API over HTTP: starts the release binary on a free port with generated people and
# drives it with wrk; then asks in several rounds how much longer a point read takes while an initial cycle
# writes, and at last how long a change takes into the target in continuous mode. Each round has a server of its own on a copy of the data, so that there is a first cycle to run.
# PEOPLE=300000 SECONDS_EACH=5 ROUNDS=3 benches/bench-http.sh (or: make bench-http PEOPLE=…); WRITE=<page> also writes the
# figures down.
set -euo pipefail
cd "$(dirname "$0")/.."

# A cycle must take longer than a sample.
PEOPLE="${PEOPLE:-300000}"
SECONDS_EACH="${SECONDS_EACH:-5}"
CONNECTIONS="${CONNECTIONS:-8}"
# An odd number: the middle of the ratios counts.
ROUNDS="${ROUNDS:-3}"
# That are followed in continuous mode.
CHANGES="${CHANGES:-300}"
BIN="${CARGO_TARGET_DIR:-target}/release"
SYNCLINE="${SYNCLINE_BIN:-$BIN/syncline}"
BENCHES="${BENCHES:-$BIN/syncline-benches}"

not_run() {
  echo "bench-http: NOT RUN: $1"
  exit 0
}

for tool in wrk curl python3; do
  command -v "$tool" > /dev/null || not_run "$tool is missing (Debian: apt-get install wrk curl python3)"
done
if [ ! -x "$SYNCLINE" ] || [ ! -x "$BENCHES" ]; then
  cargo build --release --package syncline --package syncline-benches
fi

work="$(mktemp -d "${TMPDIR:-/tmp}/syncline-http-XXXXXX")"
# The server is started in a subshell, by the other end of a pipe: its id is kept in a file.
stop() {
  [ -e "$work/server.pid" ] || return 0
  kill "$(< "$work/server.pid")" 2> /dev/null || true
  while kill -0 "$(< "$work/server.pid")" 2> /dev/null; do sleep 0.1; done
  rm "$work/server.pid"
}
cleanup() {
  stop
  rm -rf "$work"
}
trap cleanup EXIT

echo "making $PEOPLE people …" >&2
"$BENCHES" prepare --folder "$work/made" --people "$PEOPLE" > "$work/made.json"
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }

# A server on a fresh copy of what was made; sets origin and TOKEN. Options are those of serve.
start() {
  local port
  stop
  rm -rf "$work/data"
  cp -r "$work/made" "$work/data"
  # What was copied is not waited for while something is measured.
  sync
  port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
  origin="http://127.0.0.1:$port"
  "$SYNCLINE" --data "$work/data" serve --listen "127.0.0.1:$port" --public-url "$origin" --tls off "$@" \
    > "$work/serve.out" 2> "$work/serve.err" &
  echo $! > "$work/server.pid"
  for _ in $(seq 300); do
    if grep -q 'listening on' "$work/serve.out"; then break; fi
    kill -0 "$(< "$work/server.pid")" 2> /dev/null || { cat "$work/serve.err" >&2; return 1; }
    sleep 0.1
  done
  TOKEN="$(token tenantId clientId clientSecret)"
  export TOKEN
}
# A token, by the names of what was made.
token() {
  curl -sS --fail "$origin/$(field "$work/made.json" "$1")/oauth2/v2.0/token" \
    -d grant_type=client_credentials -d "client_id=$(field "$work/made.json" "$2")" \
    --data-urlencode "client_secret=$(field "$work/made.json" "$3")" \
    --data-urlencode "scope=$origin/.default" > "$work/token.json"
  field "$work/token.json" access_token
}
export PEOPLE_FILE="$work/made/people.txt"

# What wrk asks, by name.
cat > "$work/ask.lua" << 'LUA'
local ask = os.getenv("ASK")
local ids, names, links = {}, {}, {}
for line in io.lines(os.getenv("PEOPLE_FILE")) do
  local id, name = line:match("(%S+) (%S+)")
  ids[#ids + 1], names[#names + 1] = id, name
end
local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN") }
local threads, count = 0, 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end
function init() math.randomseed(number + 1) end
function delay() return tonumber(os.getenv("PAUSE") or "0") end
function request()
  count = count + 1
  local at = math.random(#ids)
  if ask == "get" then
    return wrk.format("GET", "/v1.0/users/" .. ids[at], headers)
  elseif ask == "filter" then
    return wrk.format("GET", "/v1.0/users?$filter=userPrincipalName%20eq%20'" .. names[at] .. "'", headers)
  elseif ask == "list" then
    return wrk.format("GET", "/v1.0/users?$top=999", headers)
  elseif ask == "delta" then
    return wrk.format("GET", "/v1.0/users/delta", headers)
  elseif ask == "walk" then
    return wrk.format("GET", table.remove(links) or "/v1.0/users/delta", headers)
  end
  local name = "load." .. os.getenv("ROUND") .. "." .. number .. "." .. count
  headers["Content-Type"] = "application/json"
  if ask == "group" then
    return wrk.format("POST", "/v1.0/groups", headers, '{"displayName":"' .. name .. '","mailNickname":"' .. name
      .. '","mailEnabled":false,"securityEnabled":true}')
  end
  return wrk.format("POST", "/v1.0/users", headers, '{"accountEnabled":true,"displayName":"' .. name
    .. '","mailNickname":"' .. name .. '","userPrincipalName":"' .. name
    .. '@contoso.example","passwordProfile":{"password":"a long pass-Word 1"}}')
end
-- Only a walk looks into answers: it goes on where one of them leads.
if ask == "walk" then
  function response(status, head, body)
    links[#links + 1] = body:match('"@odata.nextLink":"[^"]-(/v1%.0/[^"]*)"')
  end
end
function done(summary, latency)
  local errors = summary.errors.status + summary.errors.read + summary.errors.connect + summary.errors.timeout
  io.write(string.format("RESULT %.0f %.0f %.0f %d\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50), latency:percentile(99), errors))
end
LUA

# load NAME CONNECTIONS SECONDS: prints "rate p50us p99us errors".
load() {
  ASK="$1" ROUND="$RANDOM" wrk --threads 1 --connections "$2" --duration "${3}s" --script "$work/ask.lua" "$origin" |
    sed -n 's/^RESULT //p'
}

line() {
  local what="$1" people="$2"
  shift 2
  awk -v what="$what" -v people="$people" -v rate="$1" -v p50="$2" -v p99="$3" -v errors="$4" 'BEGIN {
    each = people > 1 ? sprintf("%d", rate * people) : "";
    printf "%-46s %10d %10s %9.2f %9.2f %7d\n", what, rate, each, p50 / 1000, p99 / 1000, errors }'
}

# Requests as fast as they are answered.
throughput() {
  printf '\n%-46s %10s %10s %9s %9s %7s\n' "$PEOPLE people, $CONNECTIONS connections" "requests/s" "people/s" "p50 ms" "p99 ms" "errors"
  load get "$CONNECTIONS" 1 > /dev/null
  line "GET /users/{id}" 1 $(load get "$CONNECTIONS" "$SECONDS_EACH")
  line "GET /users?\$filter=userPrincipalName eq '…'" 1 $(load filter "$CONNECTIONS" "$SECONDS_EACH")
  line "GET /users?\$top=999" 999 $(load list "$CONNECTIONS" "$SECONDS_EACH")
  line "GET /users/delta, the first page" 1 $(load delta "$CONNECTIONS" "$SECONDS_EACH")
  line "GET /users/delta, following @odata.nextLink" 1 $(load walk "$CONNECTIONS" "$SECONDS_EACH")
  line "POST /users" 1 $(load post "$CONNECTIONS" "$SECONDS_EACH")
  line "POST /groups" 1 $(load group "$CONNECTIONS" "$SECONDS_EACH")
}

# Point reads at leisure, a pause after each: idle, then while an initial cycle writes.
beside_a_cycle() {
  local round idle busy cycle
  : > "$work/ratios"
  printf '\n%-46s %10s %10s %9s %9s %7s\n' "GET /users/{id}, 4 connections that pause" "requests/s" "" "p50 ms" "p99 ms" "errors"
  for round in $(seq "$ROUNDS"); do
    start --no-scheduler
    load get 4 1 > /dev/null
    idle="$(load get 4 "$SECONDS_EACH")"
    line "round $round: idle" 1 $idle
    "$SYNCLINE" --data "$work/data" jobs run --job "$(field "$work/made.json" jobId)" --wait > "$work/cycle.out" 2>&1 &
    cycle=$!
    sleep 0.5
    busy="$(load get 4 "$SECONDS_EACH")"
    line "round $round: while an initial cycle writes" 1 $busy
    if kill -0 "$cycle" 2> /dev/null; then
      echo "$idle $busy" | awk '{ print $7 / $3 }' >> "$work/ratios"
      wait "$cycle" || { cat "$work/cycle.out" >&2; return 1; }
    else
      wait "$cycle" || { cat "$work/cycle.out" >&2; return 1; }
      echo "the cycle was over before the reads were: take more PEOPLE or fewer SECONDS_EACH"
    fi
  done
  sort -n "$work/ratios" | awk -v rounds="$ROUNDS" '
    { all[NR] = $1; told = told (NR > 1 ? ", " : "") sprintf("%.1f", $1) }
    END {
      if (NR < rounds) { print "p99 while a cycle writes ÷ idle: not measured in every round"; exit }
      middle = all[int((NR + 1) / 2)]
      printf "p99 while a cycle writes ÷ idle: %.1f, the middle of %s (should be ≤ 5: %s)\n", middle, told, middle <= 5 ? "met" : "not met" }'
}

# One change after the other in the source, each looked for in the target until it is there.
followed() {
  start
  "$SYNCLINE" --data "$work/data" jobs run --job "$(field "$work/made.json" jobId)" --wait > "$work/cycle.out" 2>&1 ||
    { cat "$work/cycle.out" >&2; return 1; }
  echo
  TARGET_TOKEN="$(token targetTenantId targetClientId targetClientSecret)" ORIGIN="$origin" CHANGES="$CHANGES" \
    JOB="/v1.0/servicePrincipals/$(field "$work/made.json" servicePrincipalId)/synchronization/jobs/$(field "$work/made.json" jobId)" \
    python3 benches/follow.py
}

measure() {
  start --no-scheduler
  throughput
  export PAUSE=5
  beside_a_cycle
  followed
}

measure | tee "$work/printed"
if [ -n "${WRITE:-}" ]; then
  {
    cat << 'PAGE'
# Throughput of the Graph API

PAGE
    benches/machine.sh
    cat << PAGE
Written by

\`\`\`
make bench-http PEOPLE=$PEOPLE ROUNDS=$ROUNDS WRITE=$WRITE
\`\`\`

wrk drives the release binary over plain HTTP (\`--tls off\`) on the loopback from the same cores, $SECONDS_EACH seconds each, each request
for another person of the made-up ones of [performance.md](performance.md). A page of a list holds 999 people, one of a delta 100. A new user's password is hashed with Argon2id
(19 MiB, two passes), nineteen twentieths of what that request costs; a new group shows what a durable commit takes. The last lines ask whether readers
wait for a cycle: four connections read one person each and pause 5 ms, first alone, then while an initial cycle writes; each round on a fresh
copy of the data, and the middle of the rounds' ratios counts. At last, in [continuous
mode](../recipes/change-how-often-a-job-runs.md#what-continuous-mode-does), a person's title is changed in the source and asked for in the target until it is
there, \`PATCH\` and last \`GET\` included; then the next person's, at once or after a pause.

\`\`\`
PAGE
    sed '1{/^$/d}' "$work/printed"
    echo '```'
  } > "$WRITE"
  echo "written to $WRITE"
fi
