#!/bin/sh
# Installs the real engines the tests under test/engines/ run against, into .engines/: one scripts/engines/install-*.ts each.
# Does nothing, quickly, where all is there. What this machine cannot have is said in lines starting with ****; exit 1 only for a failure.
set -eu
cd "$(dirname "$0")/.."

status=0
for script in scripts/engines/install-*.ts; do
  node_modules/.bin/node "$script" || {
    printf '**** FAILED: %s; its messages are above.\n' "$script" >&2
    status=1
  }
done
exit "$status"
