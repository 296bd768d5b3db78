#!/bin/sh
# Installs the real engines the tests under test/engines/ run against, into .engines/.
set -eu
cd "$(dirname "$0")/.."

cat <<'SAY'
**** NO ENGINES YET: nothing is installed, because no test needs one.
     To come, each with its tests: Meltano, Singer taps and the Airbyte faker (issue C); Spark with Iceberg (D);
     QuestDB and FalkorDB (F). Postgres and, where there is one, Redis are part of make test already.
SAY
