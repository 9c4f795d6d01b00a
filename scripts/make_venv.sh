#!/bin/sh
# Make the virtual environment $1 with the first Python that fits; one that works is left alone.
set -eu
venv=$1
fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

if [ -e "$venv" ]; then
    "$venv/bin/python" -c "$fits" 2>/dev/null && "$venv/bin/python" -m pip --version >/dev/null 2>&1 && exit 0
    # Without pyvenv.cfg it is not a virtual environment, and not ours to replace.
    if [ ! -e "$venv/pyvenv.cfg" ]; then
        echo "$venv is there but is no virtual environment. Move it away, then try again." >&2
        exit 1
    fi
    echo "$venv does not run any more (Python moved, or an install was interrupted): making it anew."
    rm -rf "$venv"
fi

without_venv=""
for python in python3 python3.13 python3.12 python3.11; do
    "$python" -c "$fits" >/dev/null 2>&1 || continue
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        without_venv="$without_venv $python"
        continue
    fi
    echo "Making $venv with $("$python" --version)."
    exec "$python" -m venv "$venv"
done

if [ -n "$without_venv" ]; then
    echo "Found$without_venv, but without the venv module." >&2
    echo "On Debian or Ubuntu: apt-get install python3-venv. Then try again." >&2
else
    echo "RAI Dash needs Python 3.11, 3.12 or 3.13 and found none (python3 is: $(python3 --version 2>/dev/null || echo missing))." >&2
    echo "On Debian 12 or Ubuntu 24.04: apt-get install python3 python3-venv. Then try again." >&2
fi
exit 1
