#!/bin/sh
# Make sure there is a Chromium for the browser tests, where that is possible without asking anybody.
# Playwright's own download is not used: it fails where only package registries are reachable.
set -u
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && exit 0
done

why="this needs apt-get and root"
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests."
    log=$(mktemp)
    if apt-get update >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y chromium >>"$log" 2>&1 &&
        command -v chromium >/dev/null 2>&1; then
        rm -f "$log"
        exit 0
    fi
    why="apt-get failed, see $log"
fi

cat >&2 <<TXT
********************************************************************************
  NO CHROMIUM: the browser tests will be SKIPPED ($why).
  Install one (apt-get install chromium) or set CHROMIUM=/path/to/chromium.
********************************************************************************
TXT
exit 0
