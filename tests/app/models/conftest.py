"""The fixtures of the in-process tests, for the tests that start a model's own process."""

from __future__ import annotations

from tests.unit.models.conftest import booster, german, living, loans, saved, story_ubj, toy

__all__ = ["booster", "german", "living", "loans", "saved", "story_ubj", "toy"]
