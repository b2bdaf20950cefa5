#!/usr/bin/env bash
# Installs the pinned official JavaScript clients beside this script and runs the suite.
# Words after the name choose suites: ./run.sh walkthrough
set -euo pipefail
cd "$(dirname "$0")"

# Without the package registry there is nothing to test with: say so, and fail only in CI.
cannot_run() {
  echo "clients/node: NOT RUN: $1"
  if [ "${CI:-}" = "true" ]; then exit 1; fi
  exit 0
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  if command -v apt-get >/dev/null; then
    as_root apt-get install -y -q nodejs npm || cannot_run "install nodejs (20 or newer) and npm"
  else
    cannot_run "node (20 or newer) and npm are missing"
  fi
fi
if [ "$(node -p 'parseInt(process.versions.node)')" -lt 20 ]; then
  cannot_run "node $(node --version) is too old, 20 or newer is needed"
fi

# An installation that matches the lock file is used as it is.
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
  npm ci --no-progress || cannot_run "the npm registry is not reachable, or refused a package (see above)"
  cp package-lock.json node_modules/.installed-lock.json
fi

binary="${SYNCLINE_BIN:-}"
if [ -z "$binary" ] && [ ! -x ../../target/debug/syncline ] && [ ! -x ../../target/release/syncline ]; then
  (cd ../.. && cargo build -p syncline)
fi

node launch.mjs "$@"
