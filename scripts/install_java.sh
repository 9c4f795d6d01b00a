#!/bin/sh
# Make sure there is a Java 17 or newer for the tests on Spark, where that is possible without asking anybody.
set -u
is_new_enough() {
    version=$("$1" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] && [ "$version" -ge 17 ]
}
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
command -v "$java" >/dev/null 2>&1 && is_new_enough "$java" && exit 0

why="this needs apt-get and root"
if [ -n "${JAVA_HOME:-}" ]; then
    why="JAVA_HOME=$JAVA_HOME holds none"
elif command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Java for the tests on Spark."
    log=$(mktemp)
    if apt-get update >"$log" 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends default-jre-headless >>"$log" 2>&1 &&
        command -v java >/dev/null 2>&1 && is_new_enough java; then
        rm -f "$log"
        exit 0
    fi
    why="apt-get failed or brought an older one, see $log"
fi

cat >&2 <<TXT
********************************************************************************
  NO JAVA: the tests on Spark will be SKIPPED ($why).
  Install Java 17 or newer (apt-get install default-jre-headless) or set JAVA_HOME.
********************************************************************************
TXT
exit 0
