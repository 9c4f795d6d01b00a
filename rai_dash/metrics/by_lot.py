"""Approving as many as the model does, but by lot: the baseline that knows the approval rate and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from rai_dash.core.counts import GroupCounts
from rai_dash.core.types import UNKNOWN
from rai_dash.metrics._base import DEFAULT_MIN_N, Costs, build_table, metric_input, ratio
from rai_dash.metrics._confusion import Confusion


def by_lot(
    counts: GroupCounts, threshold: float, *, metrics: Iterable[str], costs: Costs | None = None
) -> dict[str, list[float | None]]:
    """Compute the metrics of a lottery that approves at the model's rate, from its expected table.

    Every row with a score is approved with probability ``q``, the model's ``selection_rate`` in its group, whatever
    its label. So ``tp = q P``, ``fp = q N``, and recall and false positive rate are ``q``, precision is the base
    rate. Rates and costs are expectations; F1 is the ratio of the expected parts.

    Parameters
    ----------
    counts : GroupCounts
        The same counts as for the model.
    threshold : float
        Of the model, in [0, 1].
    metrics : iterable of str
        Metrics that follow from decisions.
    costs : Costs, optional
        For ``expected_cost``.

    Returns
    -------
    dict of str to list of (float or None)
        One value a group; None = undefined. There are no intervals: nothing was observed.
    """
    given = metric_input(counts, threshold, costs=costs)
    table = build_table(replace(given, sums=_lottery(given.sums)), min_n=DEFAULT_MIN_N, metrics=[*metrics])
    places = range(counts.n_groups)
    return {name: [table.estimate(name, i).value for i in places] for name in table.values}


def _lottery(model: Confusion) -> Confusion:
    """Return the expected table of drawing lots; nobody is drawn where nobody has a score."""
    share = np.nan_to_num(ratio(model.selected, model.scored))
    cells = model.cells.copy()
    for label in range(UNKNOWN + 1):
        scored = model.cells[..., 3 * label] + model.cells[..., 3 * label + 1]
        cells[..., 3 * label], cells[..., 3 * label + 1] = share * scored, (1.0 - share) * scored
    return Confusion(cells)
