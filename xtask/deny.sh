#!/usr/bin/env bash
# Checks the dependency tree against deny.toml, without the network.
set -euo pipefail
if ! command -v cargo-deny > /dev/null; then
  echo "cargo-deny: NOT RUN: it is not installed (cargo install --locked cargo-deny)"
  exit 0
fi
cargo deny check bans licenses sources
