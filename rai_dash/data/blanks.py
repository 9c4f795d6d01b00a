"""Whose cells are blank: the share of blanks of each column by group, and where it differs by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.data.columns import require_columns
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.stats.intervals import wilson
from rai_dash.stats.tests import fisher_against_rest, holm, max_z

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blanks:
    """Blanks by column and group.

    Parameters
    ----------
    columns : tuple of str (c,)
        Columns looked at.
    groups : tuple of str (g,)
        Names in display order.
    n : int64 (g,)
        Rows a group.
    blank : int64 (c, g)
        Rows without a value.
    share, low, high : float64 (c, g)
        ``blank / n`` with Wilson's 95 % interval; NaN in a group without rows.
    compared : bool (g,)
        Groups with enough rows to be tested.
    p_value : float64 (c,)
        Exact chance that a group stands out like this where blanks have nothing to do with the group: the smallest
        of Fisher's p-values against the rest after Holm. NaN = nothing to test: no blank, nothing but blanks,
        or fewer than two groups compared.
    q_value : float64 (c,)
        The same adjusted for having looked at many columns (Benjamini-Hochberg over the columns tested):
        exploratory.
    starred : bool (c, g)
        Groups shown to differ from the rest: max-z test and Holm over groups, and the q-value of the column,
        all below 5 %.
    """

    columns: tuple[str, ...]
    groups: tuple[str, ...]
    n: IntArray
    blank: IntArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    compared: BoolArray
    p_value: FloatArray
    q_value: FloatArray
    starred: BoolArray

    @property
    def has_blanks(self) -> BoolArray:
        """Columns with a blank in any group, bool (c,)."""
        return np.asarray(self.blank.any(axis=1))


def blanks_by_group(
    frame: pd.DataFrame,
    columns: Sequence[str],
    index: GroupIndex,
    positions: NDArray[np.intp],
    *,
    min_n: int = 30,
) -> Blanks:
    """Count the blank cells of some columns by group.

    Parameters
    ----------
    frame : DataFrame (n, ...)
        The table.
    columns : sequence of str (c,)
        Columns of it.
    index : GroupIndex
        Groups of the judged rows, codes (m,).
    positions : int (m,)
        Where the judged rows are in the table.
    min_n : int
        Groups with fewer rows are counted but not tested.

    Raises
    ------
    MissingColumn
        When the table lacks a column.
    """
    require_columns(frame, columns)
    blank = np.zeros((len(columns), index.n_groups), dtype=np.int64)
    for row, column in zip(blank, columns, strict=True):
        is_blank = frame[column].isna().to_numpy(dtype=bool)[positions]
        row[:] = np.bincount(index.codes[is_blank], minlength=index.n_groups)
    return blanks_of_counts(columns, index.groups, blank, index.sizes, min_n=min_n)


def blanks_of_counts(
    columns: Sequence[str], groups: Sequence[str], blank: IntArray, n: IntArray, *, min_n: int = 30
) -> Blanks:
    """Turn counts of blanks into shares, intervals and tests.

    Parameters
    ----------
    columns, groups : sequence of str (c,), (g,)
        Names.
    blank : int64 (c, g)
        Rows without a value.
    n : int64 (g,)
        Rows a group.
    min_n : int
        Groups with fewer rows are not tested.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, blank / n, np.nan)
    low, high = wilson(blank, np.broadcast_to(n, blank.shape))
    compared = n >= max(min_n, 1)
    p_value, starred = _tested(blank, n, compared)
    q_value = _q_values(p_value)
    return Blanks(
        columns=tuple(columns),
        groups=tuple(groups),
        n=n,
        blank=blank,
        share=share,
        low=low,
        high=high,
        compared=compared,
        p_value=p_value,
        q_value=q_value,
        starred=starred & (q_value < ALPHA)[:, None],
    )


def _tested(blank: IntArray, n: IntArray, compared: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Test each column over the compared groups: p-values (c,), and groups that stand out, bool (c, g)."""
    p_value = np.full(len(blank), np.nan)
    starred = np.zeros(blank.shape, dtype=bool)
    sizes = n[compared]
    if sizes.size < 2 or not len(blank):
        return p_value, starred
    seed = int(fingerprint_value(["blanks", sorted(sizes.tolist())])[:8], 16)
    # Columns of one source are blank together: each pattern is tested once.
    patterns, which = np.unique(blank[:, compared], axis=0, return_inverse=True)
    for i, hits in enumerate(patterns):
        if not 0 < hits.sum() < sizes.sum():
            continue
        alike = np.flatnonzero(which.reshape(-1) == i)
        adjusted = holm(fisher_against_rest(hits, sizes))
        p_value[alike] = adjusted.min()
        if adjusted.min() < ALPHA and max_z(hits, sizes, seed=seed).p_value < ALPHA:
            starred[np.ix_(alike, compared)] = adjusted < ALPHA
    return p_value, starred


def _q_values(p_value: FloatArray) -> FloatArray:
    from scipy.stats import false_discovery_control

    q_value = np.full(p_value.shape, np.nan)
    known = np.isfinite(p_value)
    if known.any():
        q_value[known] = false_discovery_control(p_value[known])
    return q_value


def blanks_of(dataset: Dataset, by: str, columns: Sequence[str] | None = None) -> Blanks:
    """Count the blanks of every column by the groups of a column, over all rows.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    by : str
        Sensitive column, or the target: the groups are then its values, blanks among them.
    columns : sequence of str, optional
        Columns to look at; all when omitted. One without a blank changes nothing for the others.
    """
    frame, roles, edges = dataset.frame, dataset.roles, dataset.roles.bins.get(by)
    columns = [c for c in (frame.columns if columns is None else columns) if c not in {by, *roles.ignored}]
    if dataset.portfolio is not None:
        from rai_dash.data.portfolio.blanks import blanks_by

        return blanks_by(dataset.portfolio, columns, by, edges)
    index = group_index(frame, by, bins=edges)
    return blanks_by_group(frame, columns, index, np.arange(dataset.n_rows))
