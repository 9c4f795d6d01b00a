"""The number of one judged band that a limit is about."""

from __future__ import annotations

import numpy as np

from rai_dash.core.estimates import plain
from rai_dash.review.constraints import Constraint
from rai_dash.review.evaluate import Evaluation
from rai_dash.review.figures import BandFigures
from rai_dash.review.gaps import GAPS, gap_values


def value_of(judged: Evaluation, limit: Constraint) -> float | None:
    """Return the number that a limit is about; None = undefined, or not known for these groups.

    Parameters
    ----------
    judged : Evaluation
        One band.
    limit : Constraint
        With its column where groups are compared or one is named.
    """
    if limit.column is None:
        values = judged.overall.values(limit.metric)
        return None if values is None else plain(values[0])
    if limit.is_gap and not limit.groups:
        return judged.gaps[limit.column].values[limit.metric]
    figures = judged.by_group[limit.column]
    share, kind = GAPS.get(limit.metric, (limit.metric, "gap"))
    of_groups = _of_groups(figures, share, limit.groups, judged.gaps[limit.column].eligible)
    if of_groups is None:
        return None
    if not limit.is_gap:
        return plain(of_groups[0])
    return plain(float(gap_values(of_groups, np.ones(of_groups.size, np.bool_), kind)))


def is_kept(value: float | None, limit: Constraint) -> bool:
    """Whether a number keeps a limit; one within 1e-12 of it does, an undefined one does not."""
    return value is not None and bool(limit.keeps(np.asarray(value)))


def _of_groups(
    figures: BandFigures, share: str, groups: tuple[str, ...], eligible: tuple[str, ...]
) -> np.ndarray | None:
    """Return a share of some groups; two that are compared need enough rows each."""
    values = figures.values(share)
    if values is None or (len(groups) > 1 and not set(groups) <= set(eligible)):
        return None
    names = figures.routes.groups
    return np.array([values[names.index(group)] for group in groups])
