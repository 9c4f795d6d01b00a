"""Find the slices in which a model errs more than elsewhere, without crying wolf."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.slices import rows_of_slice
from rai_dash.trials.slices.axes import Axis, axes_of
from rai_dash.trials.slices.excess import Excess
from rai_dash.trials.slices.findings import SliceFindings, SliceFound, rows_needed
from rai_dash.trials.slices.searched import Asked, Named, Searched, Searching, search_here
from rai_dash.trials.slices.sums import Errors, difference_of
from rai_dash.trials.slices.tree import TreeNode, grow_tree

FloatArray = NDArray[np.float64]

#: Fewest rows of a slice, and fewest of so many rows.
LEAST_ROWS, LEAST_SHARE = 30, 1 / 500
#: Rows in which slices are searched, at most: right or wrong; and losses or weights, which cost more.
SEARCHED, SEARCHED_LOSSES = 100_000, 20_000
DRAWS: Final = 399
ALPHA: Final = 0.05
MOST_SLICES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceOptions:
    """How slices are searched.

    Parameters
    ----------
    min_rows : int or None
        Fewest rows of a slice; None = 30, or 1 in 500 of those searched where that is more.
    max_terms : int
        1 or 2.
    alpha : float
        Chance of any slice at all where errors have nothing to do with the columns.
    draws : int
        Permutations.
    most : int
        Slices named.
    """

    min_rows: int | None = None
    max_terms: int = 2
    alpha: float = ALPHA
    draws: int = DRAWS
    most: int = MOST_SLICES

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises
        ------
        InvalidChoice
            With what to do.
        """
        if self.max_terms not in {1, 2}:
            msg = tr(
                "A slice that is searched has 1 or 2 terms, got {max_terms}. Choose one of them.",
                max_terms=self.max_terms,
            )
            raise InvalidChoice(msg)
        if self.min_rows is not None and self.min_rows < 1:
            msg = tr(
                "A slice has at least 1 row, got {min_rows}. Give for example 30.", min_rows=self.min_rows
            )
            raise InvalidChoice(msg)
        if not 0.0 < self.alpha < 1.0 or self.draws + 1 < 1.0 / self.alpha:
            msg = tr(
                "A chance of false alarms of {alpha} needs more than {draws} draws, and is below 1.",
                alpha=f"{self.alpha:g}",
                draws=f"{self.draws:,}",
            )
            raise InvalidChoice(msg)


def find_slices(
    frame: pd.DataFrame,
    error: ArrayLike,
    columns: Sequence[str],
    *,
    weight: ArrayLike | None = None,
    seed: int = 0,
    options: SliceOptions | None = None,
    search: Searching | None = None,
) -> SliceFindings:
    """Find where errors concentrate.

    Parameters
    ----------
    frame : DataFrame (n, ...)
        The judged rows, those with a known outcome and a score.
    error : bool or float (n,)
        Whether each row is decided wrongly, or a loss of each.
    columns : sequence of str
        Columns that slices may speak of.
    weight : float (n,), optional
        Weight of each row.
    seed : int
        Of permutations and sampling; take it from fingerprints, so that the same data say the same.
    options : SliceOptions, optional
        How to search.
    search : callable, optional
        Does the long part; `rai_dash.trials.slices.searched.search_apart` gives one with a process of its own. The
        result is the same.

    Returns
    -------
    SliceFindings
        Every slice of one or two terms over cells of the columns, of at most half of the rows, is compared with the
        rest; a slice is named only
        where the largest of so many would not stand out like this by chance (permutation of the errors, Westfall and
        Young). Intervals of the slices named hold for all slices at once.

    Raises
    ------
    MissingColumn
        When the table lacks a column.
    InvalidChoice
        When errors or weights do not fit the table, or there are too many columns.
    """
    how = options or SliceOptions()
    errors = _errors(frame, error, weight)
    most = SEARCHED if errors.is_counted else SEARCHED_LOSSES
    n = len(frame)
    if n > most:
        rows = np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
        part, searched = frame.iloc[rows], errors.of(rows)
    else:
        part, searched = frame, errors
    least = how.min_rows or max(LEAST_ROWS, math.ceil(LEAST_SHARE * len(part)))
    axes = axes_of(part, columns, min_rows=least)
    work = _Work(frame, errors, searched, axes, least, tuple(dict.fromkeys(columns)), seed, how)
    reason = _nothing(searched, axes, least)
    return work.without(reason) if reason else work.found(part, search or search_here)


def _errors(frame: pd.DataFrame, error: ArrayLike, weight: ArrayLike | None) -> Errors:
    value = np.asarray(error, dtype=np.float64)
    weights = None if weight is None else np.asarray(weight, dtype=np.float64)
    for what, numbers in (("errors", value), ("weights", weights)):
        if numbers is not None and (numbers.shape != (len(frame),) or not np.isfinite(numbers).all()):
            msg = tr(
                "The {what} do not fit the table: there must be one number for each of its {frame} rows. "
                "Leave out rows without an outcome or score.",
                what=what,
                frame=f"{len(frame):,}",
            )
            raise InvalidChoice(msg)
    if weights is not None and (weights < 0).any():
        msg = tr("A weight is below 0. Give weights of 0 and more.")
        raise InvalidChoice(msg)
    if weights is not None and (weights == 1.0).all():
        weights = None
    return Errors(value=value, weight=weights)


def _nothing(errors: Errors, axes: Sequence[Axis], min_rows: int) -> str | None:
    """Say why nothing can be compared; None = it can."""
    n = errors.value.size
    if n < 2 * min_rows:
        return tr(
            "a slice and its rest need {min_rows} rows each, and there are {n} with an outcome and a score",
            min_rows=f"{min_rows:,}",
            n=f"{n:,}",
        )
    if not errors.weights.sum() > 0:
        return tr("all weights are 0")
    if np.ptp(errors.value) == 0:
        if not errors.is_binary:
            return tr("every row has the same loss")
        return tr("no row is decided wrongly") if errors.value[0] == 0 else tr("every row is decided wrongly")
    return None if axes else tr("no column divides the rows")


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    frame: pd.DataFrame
    errors: Errors
    searched: Errors
    axes: tuple[Axis, ...]
    min_rows: int
    columns: tuple[str, ...]
    seed: int
    how: SliceOptions

    def without(self, reason: str) -> SliceFindings:
        """Say that nothing could be compared, and why."""
        return self._findings((), None, reason)

    def found(self, part: pd.DataFrame, search: Searching) -> SliceFindings:
        """Search a part of the rows, and count what was chosen over all of them."""
        how = self.how
        asked = Asked(
            min_rows=self.min_rows, max_terms=how.max_terms, alpha=how.alpha, draws=how.draws, most=how.most,
            seed=self.seed,
        )  # fmt: skip
        done = search(part, self.axes, self.searched, asked)
        if not done.looked_at:
            return self.without(tr("no slice has {min_rows} rows", min_rows=f"{self.min_rows:,}"))
        found = tuple(self._one(one, done.z) for one in done.named)
        return self._findings(found, done)

    def _one(self, named: Named, z: float) -> SliceFound:
        inside, rest = self.errors.inside(rows_of_slice(named.slice, self.frame))
        rate, total = inside.estimate(z), float(inside.total + rest.total)
        mean = total / float(inside.weight + rest.weight)
        return SliceFound(
            slice=named.slice, rows=int(inside.rows), rate=rate, rest=rest.estimate(),
            difference=difference_of(inside, rest, z),
            lift=rate.value / mean if rate.value is not None and mean else None,
            share_of_errors=float(inside.total) / total, adjusted_p=named.p, also=named.also,
        )  # fmt: skip

    def _findings(
        self, found: tuple[SliceFound, ...], done: Searched | None, reason: str | None = None
    ) -> SliceFindings:
        kept = {axis.column for axis in self.axes}
        overall = self.errors.sums(np.zeros(len(self.frame), dtype=np.int64), 1).at(0).estimate()
        bar = np.inf if done is None else done.bar
        needed = None
        if done is not None and self.searched.is_counted:
            total = Excess(self.searched.value.size, int(self.searched.value.sum()))
            needed = rows_needed(total, at_least=bar)
        return SliceFindings(
            found=found, tree=self._root() if done is None else done.tree, rows=len(self.frame),
            searched=self.searched.value.size, overall=overall, columns=tuple(c for c in self.columns if c in kept),
            constant=tuple(c for c in self.columns if c not in kept), looked_at=0 if done is None else done.looked_at,
            min_rows=self.min_rows, rows_needed=needed, alpha=self.how.alpha,
            p_value=None if done is None else done.p_value, draws=self.how.draws, seed=self.seed,
            is_loss=not self.errors.is_binary, reason=reason, axes=self.axes, errors=self.searched, bar=bar,
        )  # fmt: skip

    def _root(self) -> TreeNode:
        return grow_tree(
            self.axes,
            self.searched,
            min_rows=self.min_rows,
            alpha=self.how.alpha,
            seed=self.seed,
            may_split=False,
        )
