#!/bin/sh
# Make sure there are PostgreSQL server programs for the tests, where that is possible without asking anybody.
# Debian keeps them off the PATH, one folder a version.
set -u
for programs in "${POSTGRESQL:-}" "$(dirname "$(command -v initdb || echo /none)")" /usr/lib/postgresql/*/bin; do
    [ -x "$programs/initdb" ] && [ -x "$programs/postgres" ] && exit 0
done

why="this needs apt-get and root"
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing PostgreSQL for the tests."
    log=$(mktemp)
    # A service that starts by itself would take a port and memory that no test uses.
    if apt-get update >"$log" 2>&1 &&
        DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends postgresql >>"$log" 2>&1 &&
        ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
        rm -f "$log"
        exit 0
    fi
    why="apt-get failed, see $log"
fi

cat >&2 <<TXT
********************************************************************************
  NO POSTGRESQL: the tests on PostgreSQL will be SKIPPED ($why).
  Install it (apt-get install postgresql) or set POSTGRESQL=/folder/with/initdb.
********************************************************************************
TXT
exit 0
