"""Linear models behind a preparation by columns: closed form, against every reference row.

``phi_C = sum over prepared columns i of C of w_i (t_i(x) - mean t_i)``, base = intercept + sum of
``w_i mean t_i``. These are the exact interventional Shapley values in log-odds, whatever level of a
one-hot block was left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rai_dash.core.texts import tr
from rai_dash.explain._base import (
    EXPLAINERS,
    LOG_ODDS,
    Attribution,
    Attributor,
    ExplainRoute,
    Progress,
    Reference,
    RouteRefused,
    Subject,
    rows_text,
)
from rai_dash.explain._columns import compose, last_step

if TYPE_CHECKING:
    import pandas as pd

#: Reference rows prepared at a time, so that wide one-hot matrices stay small.
CHUNK_ROWS = 20_000


def supports(subject: Subject, space: str) -> bool:
    """Whether log-odds are wanted and the last step has one weight a prepared column."""
    last = last_step(subject)
    weights: Any = getattr(last, "coef_", None)
    return space == LOG_ODDS and hasattr(last, "intercept_") and np.shape(weights)[:1] == (1,)


def build(subject: Subject, reference: Reference, _space: str) -> Attributor:
    """Average the prepared reference rows and return the attributor (see ``ExplainRoute``)."""
    frame = reference.frame.reset_index(drop=True)
    composed = compose(subject, frame)
    if composed is None:
        msg = tr("its preparation does not act column by column")
        raise RouteRefused(msg)
    weights = np.asarray(composed.estimator.coef_, dtype=np.float64)[0]
    intercept = float(np.ravel(composed.estimator.intercept_)[0])
    total = np.zeros(weights.size)
    for at in range(0, len(frame), CHUNK_ROWS):
        total += composed.prepare(frame.iloc[at : at + CHUNK_ROWS]).sum(axis=0)
    mean = total / len(frame)

    def attribute(rows: pd.DataFrame, progress: Progress) -> Attribution:
        n = len(rows)
        contributions = (composed.prepare(rows) - mean) * weights
        progress(n, n, tr("rows explained"))
        return Attribution(
            space=LOG_ODDS,
            base=np.full(n, intercept + float(weights @ mean)),
            values=composed.by_player(contributions, subject.players),
            output=subject.output(rows, LOG_ODDS),
            methods=[tr("Linear model in closed form, against {rows}", rows=rows_text(len(frame)))] * n,
            background_rows=len(frame),
            exact=np.ones(n, dtype=bool),
        )

    return attribute


EXPLAINERS.add(
    "linear",
    ExplainRoute(name="linear", label="Linear model in closed form", rank=10, supports=supports, build=build),
    home=__name__,
)
