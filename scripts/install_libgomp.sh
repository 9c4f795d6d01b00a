#!/bin/sh
# LightGBM needs the system's OpenMP library, which its wheel does not bring. Install it where that is possible
# without asking anybody; the app runs without it and says so when a LightGBM model is opened.
set -u
python=$1
works='import ctypes.util, sys; sys.exit(sys.platform == "linux" and ctypes.util.find_library("gomp") is None)'
"$python" -c "$works" 2>/dev/null && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing libgomp1 for LightGBM models."
    apt-get update >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y libgomp1 >/dev/null 2>&1 && exit 0
fi
echo "LightGBM models need the system library libgomp (apt-get install libgomp1); everything else works without it." >&2
exit 0
