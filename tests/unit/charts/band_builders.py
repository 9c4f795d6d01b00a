"""Charts of the review band, built from random numbers and awkward names."""

from __future__ import annotations

import numpy as np

from rai_dash.charts._base import Chart
from rai_dash.charts.band_candidates import Measure, band_candidates
from rai_dash.charts.band_cloud import band_cloud
from rai_dash.charts.band_cohorts import band_cohorts
from rai_dash.charts.band_front import FrontBand, band_front
from rai_dash.charts.band_map import band_map
from rai_dash.charts.risk_coverage import risk_coverage
from rai_dash.core.types import Estimate, ReviewBand
from tests.unit.charts.driver_builders import NAMES, Build, K


def _band(rng: np.random.Generator) -> ReviewBand:
    return ReviewBand(*sorted(rng.integers(0, 1001, 3) / 1000))


def _map(rng: np.random.Generator) -> Chart:
    los, his = np.arange(0, 501, 10) / 1000, np.arange(500, 1001, 10) / 1000
    value = rng.random((los.size, his.size))
    value[0, 0] = np.nan
    return band_map(
        list(los),
        list(his),
        value,
        unit="share",
        feasible=value < rng.uniform(0.3, 0.7),
        now=_band(rng),
        best=_band(rng),
        turn=int(rng.integers(99)),
    )


def _front_band(rng: np.random.Generator) -> FrontBand:
    review, cost, gap, lo = (float(x) for x in rng.random(4))
    return FrontBand(lo / 2, None, review, cost, gap if gap > 0.3 else None)


def _front(rng: np.random.Generator) -> Chart:
    bands = [_front_band(rng) for _ in range(30)]
    return band_front(bands, now=_front_band(rng), best=_front_band(rng))


def _risk(rng: np.random.Generator) -> Chart:
    risk = rng.random(900)
    coverage = np.sort(rng.random(900))
    return risk_coverage(coverage, risk, risk * coverage, now=(float(rng.random()), float(rng.random())))


def _cloud(rng: np.random.Generator) -> Chart:
    optima = [(float(lo), float(hi)) for lo, hi in rng.integers(0, 20, (300, 2)) / 20]
    return band_cloud([*optima, (None, None)], draws=400, now=_band(rng), best=_band(rng))


def _estimate(rng: np.random.Generator) -> Estimate:
    value = float(rng.random())
    if value < 0.2:
        return Estimate(None, reason="the machine decides on nobody")
    return Estimate(value, value * 0.9, value * 1.1, value * 50, 50.0)


def _candidates(rng: np.random.Generator) -> Chart:
    measures = [
        Measure(title, unit, [_estimate(rng) for _ in range(4)], list(rng.random(4) < 0.3))
        for title, unit in (
            ("To a person", "share"),
            ("Gap", "points"),
            ("Ratio", "ratio"),
            ("Cost", "amount"),
        )
    ]
    return band_candidates(NAMES[:4], measures)


def _cohorts(rng: np.random.Generator) -> Chart:
    review, wrong = ([_estimate(rng) for _ in NAMES] for _ in range(2))
    return band_cohorts(NAMES, review, wrong, small=list(rng.random(K) < 0.3))


CHARTS: dict[str, Build] = {
    "band_map": _map,
    "band_front": _front,
    "risk_coverage": _risk,
    "band_cloud": _cloud,
    "band_candidates": _candidates,
    "band_cohorts": _cohorts,
}
