"""The tests of counting that every engine passes, on Spark."""

from __future__ import annotations

from tests.engines.checks import *  # noqa: F403 - the tests themselves
