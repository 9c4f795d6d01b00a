"""A second data set against the first, column by column, and the share of favourable outcomes in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, Estimate
from rai_dash.data.column_drift import ALPHA, MIN_ROWS, ColumnDrift, drift_of_sides
from rai_dash.data.dataset import Dataset
from rai_dash.data.portfolio.drift import numbers_rows, side_of
from rai_dash.data.portfolio.whole import Whole
from rai_dash.stats.intervals import effective_size, newcombe
from rai_dash.stats.shares import share_estimates
from rai_dash.stats.tests import fisher_against_rest


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorShift:
    """Share of favourable outcomes in both data sets.

    Parameters
    ----------
    then, now : Estimate
        With Wilson's interval, of the rows with a known outcome; weighted where the roles name weights.
    low, high : float
        Newcombe's 95 % interval of now less then.
    p_value : float
        Fisher's exact test; with weights of the effective sizes (Kish), and approximate.
    is_weighted : bool
        Whether rows of either data set carry weights.
    """

    then: Estimate
    now: Estimate
    low: float
    high: float
    p_value: float
    is_weighted: bool = False

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
        counts once; the weights of the roles count for the share of favourable outcomes alone.
    """
    apart = _set_apart(first) | _set_apart(second)
    ours, theirs = ([c for c in d.columns if c not in apart] for d in (first, second))
    both = [c for c in ours if c in set(theirs) and not numbers_rows(first, c)]
    found = [drift_of_sides(side_of(first, c), side_of(second, c), tests=len(both)) for c in both]
    return Drift(
        columns=tuple(sorted(_adjusted(found), key=_rank)),
        only_then=tuple(c for c in ours if c not in set(theirs)),
        only_now=tuple(c for c in theirs if c not in set(ours)),
        prior=prior_shift(first, second),
        rows_then=first.n_all,
        rows_now=second.n_all,
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
    both = (first, second)
    rows, sums = zip(*(_sums(d) for d in both), strict=True)
    if min(rows) < MIN_ROWS:
        return None
    good, known, squares = np.array(sums).T
    if not known.all():
        return None
    shares = share_estimates(good, known, squares=squares, undefined="no known outcome")
    size = effective_size(known, squares)
    hits = good / known * size
    low, high = newcombe(hits[1], size[1], hits[0], size[0])
    p_value = fisher_against_rest(np.rint(hits).astype(np.int64), np.rint(size).astype(np.int64))[0]
    return PriorShift(
        then=shares.at(0),
        now=shares.at(1),
        low=float(low),
        high=float(high),
        p_value=float(p_value),
        is_weighted=any(d.roles.weight is not None for d in both),
    )


def _sums(dataset: Dataset) -> tuple[int, tuple[float, float, float]]:
    """Count the rows with a known outcome; add up the weights of the favourable ones, of all, and their squares."""
    if dataset.portfolio is not None:
        # Every row, trained on or not.
        counts = Whole(portfolio=dataset.portfolio, roles=dataset.roles.with_(split=None)).counts()
        rows, sums, squares = (part[0].sum(axis=1) for part in (counts.counts, counts.sums, counts.squares))
        labelled = slice(UNFAVOURABLE, FAVOURABLE + 1)
        return int(rows[labelled].sum()), (
            float(sums[FAVOURABLE]), float(sums[labelled].sum()), float(squares[labelled].sum()),
        )  # fmt: skip
    weight, known = dataset.weight, dataset.outcome != UNKNOWN
    good = weight[dataset.outcome == FAVOURABLE].sum()
    return int(known.sum()), (float(good), float(weight[known].sum()), float((weight[known] ** 2).sum()))
