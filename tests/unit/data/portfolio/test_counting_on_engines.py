"""Counting on every engine that runs without Java; Spark runs the same tests in tests/spark."""

from __future__ import annotations

from tests.engines.checks import *  # noqa: F403 - the tests themselves
