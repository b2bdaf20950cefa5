#!/usr/bin/env bash
# Installs the pinned official Python clients beside this script and runs the suite.
# Words after the name go to pytest: ./run.sh -k sign_in
set -euo pipefail
cd "$(dirname "$0")"

# Without the package registry there is nothing to test with: say so, and fail only in CI.
cannot_run() {
  echo "clients/python: NOT RUN: $1"
  if [ "${CI:-}" = "true" ]; then exit 1; fi
  exit 0
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  if command -v apt-get >/dev/null; then
    as_root apt-get install -y -q python3-venv || cannot_run "install python3 (3.11 or newer) and python3-venv"
  else
    cannot_run "python3 (3.11 or newer) with the venv module is missing"
  fi
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  cannot_run "$(python3 --version) is too old, 3.11 or newer is needed"
fi

# An environment that was made from these very pins is used as it is.
pins="$(cat requirements.txt constraints.txt)"
if [ ! -f .venv/installed.txt ] || [ "$pins" != "$(cat .venv/installed.txt)" ]; then
  python3 -m venv --clear .venv
  # What is imported is compiled then; the clients have fifty thousand files that nobody imports.
  .venv/bin/pip install -q --no-compile -r requirements.txt \
    || cannot_run "the Python package index is not reachable, or refused a package (see above)"
  printf '%s\n' "$pins" > .venv/installed.txt
fi

binary="${SYNCLINE_BIN:-}"
if [ -z "$binary" ] && [ ! -x ../../target/debug/syncline ] && [ ! -x ../../target/release/syncline ]; then
  (cd ../.. && cargo build -p syncline)
fi

# -s shows what the suites print: how long the import and each cycle took.
.venv/bin/python -m pytest -s "$@"
