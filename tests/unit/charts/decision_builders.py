"""Charts of one decision, built from random numbers and awkward names."""

from __future__ import annotations

import numpy as np

from rai_dash.charts._base import Chart
from rai_dash.charts.ice_curve import ice_curve, ice_dots
from tests.unit.charts.driver_builders import NAMES, Build, K


def _curve(rng: np.random.Generator) -> Chart:
    return ice_curve(
        np.arange(30) + rng.random(),
        rng.random(30),
        n=list(rng.integers(1, 99, 30)),
        threshold=float(rng.random()),
        own=float(rng.random()),
        own_score=float(rng.random()),
    )


def _dots(rng: np.random.Generator) -> Chart:
    return ice_dots(
        NAMES,
        rng.random(K),
        n=list(rng.integers(1, 99, K)),
        threshold=float(rng.random()),
        own=int(rng.integers(K)),
    )


CHARTS: dict[str, Build] = {"ice_curve": _curve, "ice_dots": _dots}
