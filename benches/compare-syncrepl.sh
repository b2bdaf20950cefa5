#!/usr/bin/env bash
# Replicates the same people with OpenLDAP (syncrepl refresh from a provider to an empty consumer) and with
# an initial cycle, one after the other on this machine, and prints both rates and their ratio.
# PEOPLE=100000 ROUNDS=1 benches/compare-syncrepl.sh (or: make bench-syncrepl PEOPLE=…); WRITE=<page> also writes the
# figures down.
#
# slapd commits each entry by itself; a cycle commits pages of people. With dbnosync slapd waits for no disk.
set -euo pipefail
cd "$(dirname "$0")/.."

PEOPLE="${PEOPLE:-20000}"
ROUNDS="${ROUNDS:-1}"
BENCHES="${BENCHES:-${CARGO_TARGET_DIR:-target}/release/syncline-benches}"
SUFFIX="dc=contoso,dc=example"
PATH="$PATH:/usr/sbin:/usr/local/sbin:/usr/local/libexec"

not_run() {
  echo "bench-syncrepl: NOT RUN: $1"
  exit 0
}

for tool in slapd slapadd ldapsearch; do
  command -v "$tool" > /dev/null || not_run "$tool is missing (Debian: apt-get install slapd ldap-utils)"
done
schema=""
for folder in /etc/ldap/schema /etc/openldap/schema /usr/local/etc/openldap/schema; do
  if [ -f "$folder/inetorgperson.schema" ]; then schema="$folder"; fi
done
[ -n "$schema" ] || not_run "OpenLDAP's schema files are not where Debian or OpenLDAP puts them"
modules=""
for folder in /usr/lib/ldap /usr/lib64/openldap /usr/local/libexec/openldap; do
  if [ -e "$folder/back_mdb.so" ] || [ -e "$folder/back_mdb.la" ]; then modules="$folder"; fi
done
[ -x "$BENCHES" ] || cargo build --release --package syncline-benches

work="$(mktemp -d "${TMPDIR:-/tmp}/syncline-syncrepl-XXXXXX")"
provider=""
consumer=""
stop() {
  local process="$1"
  if [ -n "$process" ] && kill "$process" 2> /dev/null; then wait "$process" 2> /dev/null || true; fi
}
cleanup() {
  stop "$consumer"
  stop "$provider"
  rm -rf "$work"
}
trap cleanup EXIT

# A port of the loopback on which nobody listens.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# configuration NAME dbnosync|durable|indexed
configuration() {
  local name="$1" durability="$2"
  for file in core cosine inetorgperson; do echo "include $schema/$file.schema"; done
  if [ -n "$modules" ]; then
    echo "modulepath $modules"
    echo "moduleload back_mdb"
    echo "moduleload syncprov"
  fi
  cat << CONFIGURATION
pidfile $work/$name.pid
database mdb
suffix "$SUFFIX"
rootdn "cn=admin,$SUFFIX"
rootpw secret
directory $work/$name
maxsize 17179869184
index objectClass,entryCSN,entryUUID eq
CONFIGURATION
  if [ "$durability" != durable ]; then echo dbnosync; fi
  # What a cycle keeps for look-ups, too: sign-in name, mail address and manager.
  if [ "$durability" = indexed ]; then echo "index uid,mail,manager eq"; fi
  if [ "$name" = provider ]; then
    echo "overlay syncprov"
    echo "syncprov-checkpoint 1000 10"
    echo "limits dn.exact=\"cn=admin,$SUFFIX\" size=unlimited time=unlimited"
  else
    cat << CONFIGURATION
syncrepl rid=001 provider=ldap://127.0.0.1:$provider_port type=refreshAndPersist retry="1 +"
  searchbase="$SUFFIX" bindmethod=simple binddn="cn=admin,$SUFFIX" credentials=secret
CONFIGURATION
  fi
}

csn() {
  ldapsearch -x -LLL -o nettimeout=5 -H "ldap://127.0.0.1:$1" -D "cn=admin,$SUFFIX" -w secret \
    -s base -b "$SUFFIX" contextCSN 2> /dev/null | sed -n 's/^contextCSN: //p'
}

now() { date +%s.%N; }
rate() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%.0f\n", n / s }'; }
over() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }
middle() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

# syncrepl dbnosync|durable|indexed: entries per second from the start of an empty consumer until it has everything.
syncrepl() {
  local durability="$1" began wanted
  rm -rf "$work/provider" "$work/consumer"
  mkdir "$work/provider" "$work/consumer"
  provider_port="$(free_port)"
  configuration provider "$durability" > "$work/provider.conf"
  slapadd -q -w -f "$work/provider.conf" -l "$work/people.ldif"
  slapd -d 0 -f "$work/provider.conf" -h "ldap://127.0.0.1:$provider_port" &
  provider=$!
  wanted=""
  for _ in $(seq 300); do
    wanted="$(csn "$provider_port" || true)"
    if [ -n "$wanted" ]; then break; fi
    kill -0 "$provider" || { echo "the provider did not start" >&2; return 1; }
    sleep 0.1
  done
  [ -n "$wanted" ] || { echo "the provider does not answer" >&2; return 1; }
  consumer_port="$(free_port)"
  configuration consumer "$durability" > "$work/consumer.conf"
  sync
  began="$(now)"
  slapd -d 0 -f "$work/consumer.conf" -h "ldap://127.0.0.1:$consumer_port" &
  consumer=$!
  until [ "$(csn "$consumer_port" || true)" = "$wanted" ]; do
    kill -0 "$consumer" || { echo "the consumer ended early" >&2; return 1; }
    sleep 0.1
  done
  seconds="$(awk -v a="$began" -v b="$(now)" 'BEGIN { print b - a }')"
  stop "$consumer"; consumer=""
  stop "$provider"; provider=""
  rate "$PEOPLE" "$seconds" > "$work/rate"
}

# people_per_second STEP FOLDER, of a step of the bench: people written. A cycle skips who has left.
people_per_second() {
  "$BENCHES" step "$1" --folder "$2" --people "$PEOPLE" | python3 -c '
import json, sys
done = json.load(sys.stdin)["done"]
written = done["report"]["counts"]["created"] if done["report"] else done["people"]
print(round(written / done["seconds"]))' > "$work/rate"
}

# What could be written at all: the product's rows of so many people, nothing decided.
ceiling() {
  rm -rf "$work/ceiling"
  sync
  people_per_second product-rows "$work/ceiling"
}

# People created per second by an initial cycle, hosted to hosted.
cycle() {
  local folder="$work/cycle"
  rm -rf "$folder"
  "$BENCHES" step import --folder "$folder" --people "$PEOPLE" > /dev/null
  # Neither waits for what was written to prepare it.
  sync
  people_per_second initial "$folder"
}

echo "$PEOPLE people, $ROUNDS round(s); entries or people written per second" >&2
"$BENCHES" ldif --people "$PEOPLE" > "$work/people.ldif"
for round in $(seq "$ROUNDS"); do
  for what in ceiling cycle "syncrepl dbnosync" "syncrepl indexed" "syncrepl durable"; do
    echo "round $round: $what …" >&2
    $what
    cat "$work/rate" >> "$work/${what// /-}.rates"
  done
done

most="$(middle < "$work/ceiling.rates")"
ours="$(middle < "$work/cycle.rates")"
fast="$(middle < "$work/syncrepl-dbnosync.rates")"
indexed="$(middle < "$work/syncrepl-indexed.rates")"
durable="$(middle < "$work/syncrepl-durable.rates")"
# met RATE OF AT_LEAST: whether the rate is so many times the other, before anything is rounded.
met() { awk -v a="$1" -v b="$2" -v least="$3" 'BEGIN { print (a >= least * b ? "met" : "not met") }'; }
compared() {
  local what="$1" rate="$2" least="$3"
  printf '%-42s %12s %14s %10s  %s\n' "$what" "$rate" "$(over "$ours" "$rate")x" "≥ ${least}x" "$(met "$ours" "$rate" "$least")"
}
table() {
  printf '%-42s %12s %14s %10s\n' "replication of $PEOPLE people" "per second" "cycle ÷ this" "should be"
  printf '%-42s %12s\n' "Ceiling B: people written, nothing decided" "$most"
  printf '%-42s %12s\n' "Syncline, initial cycle: people created" "$ours"
  compared "OpenLDAP syncrepl: entries, fsync off" "$fast" 5
  printf '%-42s %12s %14s\n' "the same, with indexes for look-ups" "$indexed" "$(over "$ours" "$indexed")x"
  compared "OpenLDAP syncrepl: entries, fsync on" "$durable" 20
}

echo
table | tee "$work/printed"
if [ -n "${WRITE:-}" ]; then
  {
    cat << 'PAGE'
# Replication compared with OpenLDAP

PAGE
    benches/machine.sh
    cat << PAGE
Written by

\`\`\`
make bench-syncrepl PEOPLE=$PEOPLE ROUNDS=$ROUNDS WRITE=$WRITE
\`\`\`

The same made-up people, one after the other on one machine: an initial cycle from one hosted tenant into another, and a syncrepl refresh
of an empty slapd from a full one. slapd and ceiling B write everybody; a cycle skips the eighth that has left, and its rate is that of the people
it *creates*, though it evaluates all. They do not do the same: slapd copies entries as they are and keeps three indexes; a
cycle evaluates scope and mappings of each person, matches, checks three unique values, links, sets the manager, and writes a
line of evidence into the log. The line *with indexes for look-ups* lets slapd keep indexes of name, mail address and manager as well; the targets
are not about it. slapd commits each entry by itself; a cycle commits pages of people. With *fsync off* (\`dbnosync\`)
slapd waits for no disk, and would lose what a power cut takes; a cycle keeps \`synchronous=NORMAL\` in both lines. *Ceiling B* is what could be
written at all ([performance.md](performance.md)). Compared are people created per second and entries per second, each the median of $ROUNDS round(s).

\`\`\`
PAGE
    cat "$work/printed"
    echo '```'
  } > "$WRITE"
  echo "written to $WRITE"
fi
