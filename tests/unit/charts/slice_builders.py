"""Charts of error slices with random numbers and hostile names, for the tests that hold for every chart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rai_dash.charts._base import Chart
from rai_dash.charts.error_heatmap import error_heatmap
from rai_dash.charts.error_tree import ErrorNode, error_tree

NAMES = ("HOSTILE'];alert(1)//", 'HOSTILE"datum.x', "HOSTILE__proto__", "HOSTILE\n")
K = len(NAMES)


def _heat(rng: np.random.Generator) -> Chart:
    # The colour reaches to 100 % whatever is drawn, and with it the template.
    rate = rng.uniform(0.6, 1.0, (K, K))
    rate[0, 1] = np.nan
    n = rng.integers(30, 99_999, (K, K))
    n[2, 2] = 3
    return error_heatmap(
        NAMES, NAMES, rate=rate, low=rate, high=rate, errors=np.nan_to_num(n * rate), n=n, few=n < 30,
        shown=rng.random((K, K)) < 0.3,
    )  # fmt: skip


def _tree(rng: np.random.Generator) -> Chart:
    cut = float(rng.uniform(0.2, 0.8))
    places = [(0, 0.0, 1.0), (1, 0.0, cut), (1, cut, 0.97), (1, 0.97, 1.0)]
    return error_tree([
        ErrorNode(
            name=name, depth=depth, start=start, end=end, rows=int(1000 * (end - start)),
            rate=float(rng.uniform(0.6, 1.0)), low=0.1, high=0.9, few=end - start < 0.05,
        )
        for name, (depth, start, end) in zip(NAMES, places, strict=True)
    ])  # fmt: skip


CHARTS: dict[str, Callable[[np.random.Generator], Chart]] = {"error_heatmap": _heat, "error_tree": _tree}
