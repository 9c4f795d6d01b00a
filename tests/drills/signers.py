"""Other processes that sign, as the tests ask for them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import IO

from tests.drills.places import Place

_REPO = Path(__file__).resolve().parents[2]


class Signers:
    """Other processes that sign; see `signer.py`, or another module that answers as it does."""

    def __init__(self, module: str = "tests.drills.signer") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=_REPO,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def run(
        self, place: Place, *jobs: tuple[object, ...], kill_after: float | None = None
    ) -> tuple[list[str], list[int]]:
        """Let each job be done by a process of its own, all at once.

        Returns the lines they printed, and how each ended; minus a number is the signal that killed it.
        """
        where = [place.target, str(place.checkpoints), str(place.key)]
        print(json.dumps({"place": where, "jobs": jobs, "kill_after": kill_after}), file=self._in, flush=True)
        lines: list[str] = []
        for line in self._out:
            if line.startswith("ended "):
                place.wait_for_the_dead()
                return lines, json.loads(line.removeprefix("ended "))
            lines.append(line.rstrip("\n"))
        msg = "The process that starts the others is gone."
        raise RuntimeError(msg)

    def close(self) -> None:
        """End it."""
        self._in.close()
        self._out.close()
        self._process.wait(30)

    @property
    def _in(self) -> IO[str]:
        assert self._process.stdin
        return self._process.stdin

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout
        return self._process.stdout
