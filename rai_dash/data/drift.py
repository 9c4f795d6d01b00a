"""A second data set against the first, column by column, and the share of favourable outcomes in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rai_dash.core.types import FAVOURABLE, UNKNOWN, Estimate
from rai_dash.data.column_drift import ALPHA, MIN_ROWS, ColumnDrift, column_drift
from rai_dash.data.columns import is_row_number
from rai_dash.data.dataset import Dataset
from rai_dash.stats.intervals import newcombe
from rai_dash.stats.shares import share_estimates
from rai_dash.stats.tests import fisher_against_rest


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorShift:
    """Share of favourable outcomes in both data sets.

    Parameters
    ----------
    then, now : Estimate
        With Wilson's interval, of the rows with a known outcome.
    low, high : float
        Newcombe's 95 % interval of now less then.
    p_value : float
        Fisher's exact test.
    """

    then: Estimate
    now: Estimate
    low: float
    high: float
    p_value: float

    @property
    def is_shown(self) -> bool:
        """Whether the shares are shown to differ."""
        return self.p_value < ALPHA


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """The second data set against the first.

    Parameters
    ----------
    columns : tuple of ColumnDrift
        What is shown to have moved first, then by PSI from the largest.
    only_then, only_now : tuple of str
        Columns that only one of them has.
    prior : PriorShift or None
        None = an outcome is known in too few rows of one of them.
    rows_then, rows_now : int
        Rows.
    """

    columns: tuple[ColumnDrift, ...]
    only_then: tuple[str, ...]
    only_now: tuple[str, ...]
    prior: PriorShift | None
    rows_then: int
    rows_now: int

    def column(self, name: str) -> ColumnDrift:
        """Find a column by name."""
        return next(c for c in self.columns if c.name == name)


def data_drift(first: Dataset, second: Dataset) -> Drift:
    """Compare every column that both data sets have.

    Parameters
    ----------
    first, second : Dataset
        Then and now. Target, score, weight, split and id columns are left out, and so are row numbers. Every row
        counts once: weights are not used.
    """
    apart = _set_apart(first) | _set_apart(second)
    ours, theirs = ([c for c in d.columns if c not in apart] for d in (first, second))
    both = [c for c in ours if c in set(theirs) and not is_row_number(first.frame[c])]
    found = [column_drift(first.frame[c], second.frame[c], tests=len(both)) for c in both]
    return Drift(
        columns=tuple(sorted(_adjusted(found), key=_rank)),
        only_then=tuple(c for c in ours if c not in set(theirs)),
        only_now=tuple(c for c in theirs if c not in set(ours)),
        prior=prior_shift(first, second),
        rows_then=first.n_rows,
        rows_now=second.n_rows,
    )


def _set_apart(dataset: Dataset) -> set[str]:
    roles = dataset.roles
    return {c for c in (roles.target, roles.score, roles.weight, roles.split, roles.id) if c}


def _rank(column: ColumnDrift) -> tuple[bool, float]:
    return not column.is_shown, -np.nan_to_num(column.psi, nan=-1.0)


def _adjusted(found: Sequence[ColumnDrift]) -> list[ColumnDrift]:
    """Adjust all p-values together: values and blanks of all columns are one family."""
    from scipy.stats import false_discovery_control

    p = np.array([[c.test.p_value, c.blank_p] for c in found]).reshape(-1, 2)
    q = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        q[known] = false_discovery_control(p[known])
    pairs = zip(found, q, strict=True)
    return [replace(c, q_value=float(a), blank_q=float(b)) for c, (a, b) in pairs]


def prior_shift(first: Dataset, second: Dataset) -> PriorShift | None:
    """Compare the shares of favourable outcomes; None where fewer than 30 are known on a side."""
    known = np.array([int((d.outcome != UNKNOWN).sum()) for d in (first, second)])
    good = np.array([int((d.outcome == FAVOURABLE).sum()) for d in (first, second)])
    if known.min() < MIN_ROWS:
        return None
    size = known.astype(np.float64)
    shares = share_estimates(good.astype(np.float64), size, squares=size, undefined="no known outcome")
    low, high = newcombe(good[1], known[1], good[0], known[0])
    p_value = float(fisher_against_rest(good, known)[0])
    return PriorShift(then=shares.at(0), now=shares.at(1), low=float(low), high=float(high), p_value=p_value)
