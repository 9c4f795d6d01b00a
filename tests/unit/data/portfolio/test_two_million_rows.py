"""Two million rows on every engine that runs without Java."""

from __future__ import annotations

from tests.engines.large_checks import *  # noqa: F403 - the tests themselves
