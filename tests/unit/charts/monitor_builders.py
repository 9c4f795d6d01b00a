"""Charts of the monitor, built from random numbers and awkward names."""

from __future__ import annotations

import numpy as np

from rai_dash.charts._base import Chart
from rai_dash.charts._monitor_marks import STATES
from rai_dash.charts.monitor_lines import ShareRow, monitor_lines
from rai_dash.charts.monitor_series import BatchPoint, monitor_series
from rai_dash.core.types import Estimate
from tests.unit.charts.driver_builders import NAMES, Build


def _share(rng: np.random.Generator) -> Estimate:
    value = float(rng.random())
    return Estimate(value, value * 0.9, min(1.0, value * 1.1), 9.0, 99.0)


def _lines(rng: np.random.Generator) -> Chart:
    rows = [
        ShareRow(
            name=name,
            signed=_share(rng),
            batch=Estimate.undefined("no outcome is known yet") if rng.random() < 0.3 else _share(rng),
            low=float(rng.random()) / 2 if rng.random() < 0.8 else None,
            high=0.5 + float(rng.random()) / 2,
            state=str(rng.choice(list(STATES))),  # type: ignore[arg-type]
            told="in words",
            hollow=bool(rng.random() < 0.5),
        )
        for name in NAMES
    ]
    return monitor_lines(rows)


def _point(rng: np.random.Generator, name: str) -> BatchPoint:
    value = float(rng.random())
    return BatchPoint(
        label=name, value=None if value < 0.2 else value, low=value * 0.9, high=value * 1.1, n=99.0,
        state=str(rng.choice(list(STATES))), told="in words",  # type: ignore[arg-type]
    )  # fmt: skip


def _series(rng: np.random.Generator) -> Chart:
    return monitor_series(
        [_point(rng, name) for name in NAMES], unit="share", signed=float(rng.random()), limits=(0.1, 0.4)
    )


def _drift(rng: np.random.Generator) -> Chart:
    return monitor_series([_point(rng, name) for name in NAMES], unit="number", limits=(None, 0.25))


CHARTS: dict[str, Build] = {"monitor_lines": _lines, "monitor_series": _series, "monitor_drift": _drift}
