"""The command line in this process: what `rai-dash` would do and print, without starting an interpreter each time."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from rai_dash.cli import main


@dataclass(frozen=True)
class Done:
    """How a command ended and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def command(*arguments: object, cwd: Path | None = None) -> Done:
    """Run ``rai-dash`` with these arguments; `test_cli` compares it with the program itself."""
    out, err, before, status = io.StringIO(), io.StringIO(), Path.cwd(), 0
    os.chdir(cwd or before)
    try:
        with (
            mock.patch.object(sys, "argv", ["rai-dash", *map(str, arguments)]),
            # It would hang a handler on the stream of the first command for all later ones.
            mock.patch.object(logging, "basicConfig"),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os.chdir(before)
    return Done(status, out.getvalue(), err.getvalue())
