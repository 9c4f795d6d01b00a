"""The commands of the docs that say they run as they stand: run as they stand, on the bundled data."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rai_dash.core.settings import get_settings
from tests.command import command

START = "export RAI_DASH_DATA_DIR=$(mktemp -d) RAI_DASH_KEEP_BATCH_ROWS=true"
PROGRAM = ".venv/bin/rai-dash "


def lines_of(text: str) -> list[str]:
    """The commands of the block, one a line, with their comments."""
    block = re.search(rf"```\n{re.escape(START)}\n(.+?)```", text, flags=re.DOTALL)
    assert block is not None
    return [line for line in block[1].replace("\\\n", " ").splitlines() if line]


@pytest.fixture
def exported(own_store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the first line of the block exports."""
    monkeypatch.delenv("RAI_DASH_DATABASE_URL")
    for name, value in {"RAI_DASH_DATA_DIR": str(tmp_path), "RAI_DASH_KEEP_BATCH_ROWS": "true"}.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.mark.usefixtures("exported")
def test_the_commands_after_the_signature_run_as_pasted(repo: Path, tmp_path: Path) -> None:
    first, *lines = lines_of((repo / "docs" / "commands.md").read_text(encoding="utf-8"))
    script = shlex.split(first)[1]
    subprocess.run([sys.executable, script], cwd=repo, env=dict(os.environ), check=True, capture_output=True)

    said = {}
    for line in lines:
        assert line.startswith(PROGRAM)
        asked = line.removeprefix(PROGRAM).replace("$RAI_DASH_DATA_DIR", str(tmp_path))
        done = command(*shlex.split(asked, comments=True), cwd=repo)
        assert done.returncode == (1 if "exit status 1" in line else 0), (line, done.stderr)
        said[" ".join(asked.split()[:2])] = done.stdout + done.stderr

    assert len(said) == len(lines) == 10
    assert "suspended" in said["policy list"]
    assert "still there" in said["problems evaluate"]
    assert "fixed" in said["problems evaluate"]
    assert "459 of 1,100 decisions flip" in said["changed sample_data/story_biased.ubj"]
