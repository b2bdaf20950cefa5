#!/usr/bin/env bash
# Makes sure that tools are there: xtask/need.sh [cargo] [compiler] [python] [node]
# What apt can install is installed when that needs no password; everything else is said plainly.
set -euo pipefail

# Installs Debian packages as root or through a sudo that does not ask.
apt_install() {
  command -v apt-get > /dev/null || return 1
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2> /dev/null || return 1
    as_root=(sudo -n)
  fi
  echo "installing $* with apt-get"
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@")
  "${install[@]}" > /dev/null 2>&1 && return
  # A fresh machine has no package lists yet.
  "${as_root[@]}" apt-get update -qq > /dev/null && "${install[@]}" > /dev/null
}

missing() {
  echo "missing: $1" >&2
  echo "  $2" >&2
  exit 1
}

has_compiler() { command -v cc > /dev/null && command -v make > /dev/null; }
has_python() { python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2> /dev/null; }
has_node() { command -v npm > /dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2> /dev/null; }

for tool in "$@"; do
  case "$tool" in
    cargo)
      command -v cargo > /dev/null ||
        missing "cargo (Rust 1.95 or newer)" "install Rust as https://rustup.rs says, then open a new shell"
      ;;
    compiler)
      has_compiler || { apt_install build-essential && has_compiler; } ||
        missing "a C compiler (for the bundled SQLite and the crypto library)" "Debian, Ubuntu: apt-get install build-essential; macOS: xcode-select --install"
      ;;
    python)
      has_python || { apt_install python3 python3-venv && has_python; } ||
        missing "python3 (3.10 or newer) with venv" "Debian, Ubuntu: apt-get install python3 python3-venv; others: https://www.python.org/downloads/"
      ;;
    node)
      # Not from apt: what Debian 12 and Ubuntu 24.04 carry is too old for the official clients.
      has_node || missing "node (20 or newer) with npm" "install it as https://nodejs.org/en/download says"
      ;;
    *)
      echo "xtask/need.sh knows cargo, compiler, python and node, not $tool" >&2
      exit 2
      ;;
  esac
done
