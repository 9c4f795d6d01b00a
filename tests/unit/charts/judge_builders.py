"""Charts of the pages that judge a model, built from random numbers and awkward names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rai_dash.charts._base import Chart
from rai_dash.charts.cost_curve import cost_curve
from rai_dash.charts.curves import Curve
from rai_dash.charts.gains import cumulative_gain, lift
from rai_dash.charts.group_calibration import CalibrationLine, group_calibration
from rai_dash.charts.group_heatmap import HeatCell, group_heatmap
from rai_dash.charts.group_missing import group_missing
from rai_dash.charts.group_scores import group_scores
from rai_dash.charts.ranked_gaps import ranked_gaps
from rai_dash.charts.trade_off import Trial, trade_off

NAMES = (
    "HOSTILE'];alert(1)//",
    'HOSTILE"datum.x',
    "HOSTILE__proto__",
    "HOSTILE\n",
    "HOSTILE b",
    "HOSTILE <b>*c*</b>",
    "HOSTILE \u202ed",
)
K = len(NAMES)
CELL = HeatCell(0.5, 0.4, 0.6, 1234, 0.1, small=False, starred=False, reason=None)
Build = Callable[[np.random.Generator], Chart]


def _ranked(rng: np.random.Generator) -> Chart:
    apart = list(rng.uniform(-0.15, 0.15, K))
    return ranked_gaps(
        list(rng.permutation(NAMES)),
        [None, *apart[1:]],
        [None, *(d - 0.05 for d in apart[1:])],
        [None, *(d + 0.05 for d in apart[1:])],
        n=[int(x) for x in rng.integers(0, 999, K)],
        starred=list(rng.random(K) < 0.5),
        small=list(rng.random(K) < 0.3),
        # Beyond 10 points, so that every draw has the same axis.
        tolerance=0.11,
        what="Recall",
    )


def _heat_cell(rng: np.random.Generator) -> HeatCell:
    value, kind = float(rng.random()), rng.random()
    known = kind > 0.2
    return HeatCell(
        value if known else None,
        value * 0.9 if known else None,
        value if known else None,
        int(rng.integers(0, 999)),
        float(rng.normal(0, 0.2)) if kind > 0.3 else None,
        bool(rng.random() < 0.3),
        bool(rng.random() < 0.3),
        "nobody was approved",
    )


def _heat(rng: np.random.Generator) -> Chart:
    metrics = ("Recall", "Precision")
    return group_heatmap(NAMES, metrics, [[_heat_cell(rng) for _ in metrics] for _ in NAMES])


def _curves(rng: np.random.Generator) -> list[Curve]:
    x = np.linspace(0, 1, 1001)
    return [Curve(name=name, x=x, y=x ** rng.random(), marker=(0.3, float(rng.random()))) for name in NAMES]


def _cost(rng: np.random.Generator) -> Chart:
    t = np.linspace(0, 1, 1001)
    cost = 0.4 + 0.05 * rng.random(t.size)
    cost[400:420] = np.nan
    return cost_curve(
        list(t),
        list(cost),
        list(cost - 0.02),
        list(cost + 0.02),
        now=(0.5, float(cost[500])),
        cheapest=(0.3, 0.4),
        stable=(0.2, 0.4),
        unit="HOSTILE unit",
        baselines=[(name, 0.4) for name in NAMES],
    )


def _trials(rng: np.random.Generator) -> Chart:
    trials = []
    for i, name in enumerate(NAMES):
        accuracy, gap = float(rng.uniform(0.81, 0.84)), float(rng.uniform(0.12, 0.15))
        known = i != 1
        trials.append(
            Trial(name, accuracy, 0.8, 0.85, gap if known else None, 0.1, 0.18, float(rng.random()), i == 0)
        )
    return trade_off(trials, gap_title="gap in recall", accuracy_title="accuracy")


def _calibration(rng: np.random.Generator) -> Chart:
    def line(name: str) -> CalibrationLine:
        at = [None, *np.sort(rng.random(9))]
        n = [0, *(int(x) for x in rng.integers(1, 99, 9))]
        return CalibrationLine(name, at, at, at, at, n, [x < 30 for x in n])

    return group_calibration([line(name) for name in NAMES])


def _scores(rng: np.random.Generator) -> Chart:
    edges = np.linspace(0, 1, 51)
    shares = [list(rng.dirichlet(np.ones(50))) for _ in NAMES]
    shares[1] = [None] * 50
    return group_scores(
        NAMES,
        list(edges[:-1]),
        list(edges[1:]),
        shares,
        threshold=float(rng.random()),
        small=list(rng.random(K) < 0.3),
    )


def _missing(rng: np.random.Generator) -> Chart:
    shares = rng.uniform(0, 0.2, (K, K))
    shares[0, 0], shares[0, 1] = np.nan, 0.2
    return group_missing(
        NAMES,
        NAMES,
        shares.tolist(),
        n=[9] * K,
        starred=(rng.random((K, K)) < 0.3).tolist(),
        small=[False, False, *(rng.random(K - 2) < 0.3)],
    )


CHARTS: dict[str, Build] = {
    "ranked_gaps": _ranked,
    "group_heatmap": _heat,
    "cost_curve": _cost,
    "cumulative_gain": lambda rng: cumulative_gain(
        _curves(rng), best=[(0, 0), (float(rng.random()), 1), (1, 1)], threshold=float(rng.random())
    ),
    "cumulative_gain_one": lambda rng: cumulative_gain(
        _curves(rng)[:1], best=[(0, 0), (0.4, 1), (1, 1)], threshold=float(rng.random())
    ),
    "lift": lambda rng: lift(_curves(rng), highest=float(rng.uniform(2.1, 4.9)), threshold=0.5),
    "trade_off": _trials,
    "group_calibration": _calibration,
    "group_scores": _scores,
    "group_missing": _missing,
}
