"""The documents as a site, built once for whoever asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]


def build(folder: Path) -> Path:
    """Build the site into a folder; strict, so that a document that is in no menu and a dead link fail."""
    # Not --quiet: warnings that are not printed are not counted either, and nothing would fail.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=REPO, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder
