#!/usr/bin/env bash
# Makes sure that tools are there: xtask/need.sh [cargo] [compiler] [postgresql] [recipes]
# (The client suites look for Python and Node themselves.)
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

for tool in "$@"; do
  case "$tool" in
    cargo)
      command -v cargo > /dev/null ||
        missing "cargo (Rust 1.95 or newer)" "install Rust as https://rustup.rs says, then open a new shell"
      ;;
    compiler)
      has_compiler || { apt_install build-essential && has_compiler; } ||
        missing "a C compiler (for the bundled SQLite, the crypto library and the allocator)" "Debian, Ubuntu: apt-get install build-essential; macOS: xcode-select --install"
      ;;
    postgresql)
      apt_install postgresql || missing "PostgreSQL 15 or newer" "Debian, Ubuntu: apt-get install postgresql"
      ;;
    recipes)
      # What the recipes are typed with. Everything else can be tested without.
      { command -v curl && command -v jq; } > /dev/null || apt_install curl jq ||
        echo "recipes: NOT RUN: curl or jq is missing (Debian, Ubuntu: apt-get install curl jq)"
      ;;
    *)
      echo "xtask/need.sh knows cargo, compiler, postgresql and recipes, not $tool" >&2
      exit 2
      ;;
  esac
done
