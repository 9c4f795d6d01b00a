"""The model files of the collection."""

from __future__ import annotations

from tests.hostile.model_boosters import BOOSTERS
from tests.hostile.model_others import OTHERS
from tests.hostile.model_skops import SKOPS

MODELS = (*SKOPS, *BOOSTERS, *OTHERS)
