"""Two million rows on Spark."""

from __future__ import annotations

from tests.engines.large_checks import *  # noqa: F403 - the tests themselves
