"""Charts of the review queue with random numbers, for the tests that hold for every chart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rai_dash.charts._base import Chart
from rai_dash.charts.queue_band import queue_band
from rai_dash.charts.queue_people import Measured, queue_people
from rai_dash.core.types import Estimate, ReviewBand


def _band(rng: np.random.Generator) -> Chart:
    lo, threshold, hi = sorted(rng.uniform(0.1, 0.9, 3))
    score = None if rng.random() < 0.3 else float(rng.random())
    return queue_band(ReviewBand(float(lo), float(threshold), float(hi)), score)


def _people(rng: np.random.Generator) -> Chart:
    value = float(rng.uniform(0.2, 0.8))
    found = Estimate(value, value - 0.1, value + 0.1, 10 * value, 10.0)
    return queue_people([
        Measured(name="Approve a good one", found=found, assumed=float(rng.random())),
        Measured(name="Refuse a bad one", found=Estimate.undefined("no outcome is known")),
        Measured(name="Two readers agree", found=found),
    ])  # fmt: skip


CHARTS: dict[str, Callable[[np.random.Generator], Chart]] = {"queue_band": _band, "queue_people": _people}
