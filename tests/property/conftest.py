from __future__ import annotations

from hypothesis import settings

# A busy machine must not fail a test: no time limit an example. Each run draws the same examples.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
