"""The same jobs without a browser. Exit status: 0 done, 1 a limit is broken, 2 refused, 3 our fault."""

from __future__ import annotations

from rai_dash.cli.app import main

__all__ = ["main"]
