"""Charts of compared models with random numbers and hostile names, for the tests that hold for every chart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rai_dash.charts._base import Chart
from rai_dash.charts.model_flips import Moved, model_flips
from rai_dash.charts.model_metrics import model_metrics
from rai_dash.charts.model_versions import SERIES, VersionPoint, model_versions

NAMES = ("HOSTILE'];alert(1)//", 'HOSTILE"datum.x', "HOSTILE__proto__", "HOSTILE\n")
K = len(NAMES)


def _metrics(rng: np.random.Generator) -> Chart:
    now = rng.uniform(0.0, 0.2, K)
    # The first reaches to 100 points whatever is drawn, and with it the template.
    then = np.array([0.9, *rng.uniform(0.0, 0.3, K - 1)])
    low, high = then - now - 0.1, then - now + 0.1
    few = list(rng.random(K) < 0.3)
    values = [*then[:-1], None if rng.random() < 0.5 else then[-1]]
    return model_metrics(
        NAMES, list(now), values, low=list(low), high=[*high[:-1], None], shown=list(rng.random(K) < 0.5), few=few,
        finding=["no difference shown"] * K, tolerance=0.05,
    )  # fmt: skip


def _moved(rng: np.random.Generator, total: int) -> Moved:
    right, wrong, unknown = (int(x) for x in rng.multinomial(total // 3, [0.4, 0.3, 0.3]))
    return Moved(right=right, wrong=wrong, unknown=unknown, low=0.1, high=0.6)


def _flips(rng: np.random.Generator) -> Chart:
    nobody = Moved(right=0, wrong=0, unknown=0, low=None, high=None)
    total = int(rng.integers(300, 9_999))
    # Half of the first group moves whatever is drawn, and with it the template stays.
    first = Moved(right=total // 2, wrong=0, unknown=0, low=0.4, high=0.6)
    up = [first, _moved(rng, total), nobody, nobody]
    down = [nobody, _moved(rng, total), nobody, nobody]
    return model_flips(NAMES, up, down, decided=[total, total, total, 0])


def _versions(rng: np.random.Generator) -> Chart:
    points = [
        VersionPoint(
            series=s, version=v, rows=int(rng.integers(10, 9_999)), value=x, low=x * 0.9, high=min(1, x * 1.1)
        )
        for s in SERIES
        for v in (1, 2, 3)
        for x in [float(rng.random())]
    ]
    undefined = VersionPoint(series=SERIES[0], version=3, rows=0, value=None, low=None, high=None)
    return model_versions([*points, undefined], what="Recall")


CHARTS: dict[str, Callable[[np.random.Generator], Chart]] = {
    "model_metrics": _metrics,
    "model_flips": _flips,
    "model_versions": _versions,
}
