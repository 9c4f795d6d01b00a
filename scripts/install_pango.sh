#!/bin/sh
# Certificates as PDF need the system's text layout libraries, which WeasyPrint's wheel does not bring. Install them
# where that is possible without asking anybody; the app runs without them and offers the certificate as HTML.
set -u
python=$1
packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
works='
import ctypes.util, sys
names = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
sys.exit(sys.platform == "linux" and None in map(ctypes.util.find_library, names))
'
"$python" -c "$works" 2>/dev/null && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Pango for certificates as PDF."
    apt-get update >/dev/null 2>&1
    # shellcheck disable=SC2086 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get install -y $packages >/dev/null 2>&1 && exit 0
fi
echo "Certificates as PDF need the system libraries of Pango (apt-get install $packages); everything else works without." >&2
exit 0
