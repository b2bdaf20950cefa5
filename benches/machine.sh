#!/usr/bin/env bash
# When and on what figures were taken, in a sentence for a page of them.
set -euo pipefail
memory="$(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)"
echo "Figures of one run on $(date -u +%Y-%m-%d), on $(nproc) cores, $memory GiB ($(uname -s | tr '[:upper:]' '[:lower:]') $(uname -m)), release build."
