"""The chart of a problem with random numbers and hostile names, for the tests that hold for every chart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rai_dash.charts._base import Chart
from rai_dash.charts.problem_models import ModelError, problem_models
from rai_dash.core.types import Estimate

NAMES = ("HOSTILE'];alert(1)//", 'HOSTILE"datum.x', "HOSTILE__proto__", "HOSTILE\n")


def _models(rng: np.random.Generator) -> Chart:
    found = []
    for i, name in enumerate(NAMES):
        # The axis reaches to 100 % whatever is drawn, and with it the template.
        at = float(rng.uniform(0.6, 0.9))
        error = (
            Estimate(at, at - 0.1, at + 0.1)
            if i
            else Estimate.undefined("no row of the slice has an outcome")
        )
        found.append(
            ModelError(
                name=name,
                error=error,
                rest=Estimate(0.1),
                rows=10.0 ** (i + 1),
                is_shown=bool(i % 2),
                state="fixed",
            )
        )
    return problem_models(found)


CHARTS: dict[str, Callable[[np.random.Generator], Chart]] = {"problem_models": _models}
