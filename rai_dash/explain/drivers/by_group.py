"""Whether a model uses its columns differently for two groups, and what a gap between their scores is made of.

All of it describes the model: which columns carry the gap in its scores. None of it says what causes the gap between
people, and no column is fair or unfair for the share it carries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.explain._asking import FloatArray, IntArray
from rai_dash.explain.drivers._same_value import at_same_value
from rai_dash.metrics._base import DEFAULT_MIN_N
from rai_dash.stats.intervals import z_value
from rai_dash.stats.means import Difference, Means, fieller, means, welch
from rai_dash.stats.tests import holm

NOT_A_CAUSE = mark(
    "This says which columns carry the difference between the model's scores, not what causes it. A "
    "column may carry it because the groups differ in it, or because it stands in for something else."
)
#: Attributions smaller than this share of the largest one are rounding errors, not differences.
_ROUNDING = 1e-9
GAP_MAY_BE_ZERO = "the gap cannot be told from 0 in this sample, so that it has no shares"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupMeans:
    """Mean attributions by group and column; float64 (groups, columns) each.

    Parameters
    ----------
    groups, names : tuple of str
        Groups and columns.
    n : int64 (groups,)
        Rows.
    value, low, high : float64
        Mean attribution with Student's interval.
    size, size_low, size_high : float64
        The same of the absolute attribution: how much a column moves scores of this group, whichever way.
    small : bool (groups,)
        Groups with fewer rows than ``min_n``.
    """

    groups: tuple[str, ...]
    names: tuple[str, ...]
    n: IntArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    size: FloatArray
    size_low: FloatArray
    size_high: FloatArray
    small: NDArray[np.bool_]


def group_means(
    values: FloatArray,
    names: Sequence[str],
    codes: NDArray[np.int32],
    groups: Sequence[str],
    *,
    min_n: int = DEFAULT_MIN_N,
) -> GroupMeans:
    """Average attributions within each group.

    Parameters
    ----------
    values : float64 (n, columns)
        Attributions of all rows, in one space.
    names : sequence of str
        Columns.
    codes : int32 (n,)
        Position of each row's group.
    groups : sequence of str
        Groups.
    min_n : int
        Rows from which a group is not small.
    """
    plain = [means(values[codes == g]) for g in range(len(groups))]
    sized = [means(np.abs(values[codes == g])) for g in range(len(groups))]
    n = np.array([m.n for m in plain], dtype=np.int64)

    def stacked(found: Sequence[Means], field: str) -> FloatArray:
        return np.array([getattr(m, field) for m in found]).reshape(len(groups), len(names))

    return GroupMeans(
        groups=tuple(groups), names=tuple(names), n=n,
        value=stacked(plain, "value"), low=stacked(plain, "low"), high=stacked(plain, "high"),
        size=stacked(sized, "value"), size_low=stacked(sized, "low"), size_high=stacked(sized, "high"),
        small=n < min_n,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapReasons:
    """What the gap between the mean outputs of two groups is made of; float64 (columns,) each unless said otherwise.

    Parameters
    ----------
    first, second : str
        Groups; every difference is first less second.
    n : tuple of int
        Rows of both.
    names : tuple of str
        Columns.
    gap : Difference
        Of mean output (each a number), with Welch's interval.
    part : Difference
        Of mean attribution, by column: the parts add up to the gap, since the base is the same for everybody.
    adjusted_p : float64
        p-values of ``part`` by Holm over the columns.
    share, share_low, share_high : float64
        ``part / gap`` with Fieller's interval; NaN where the gap cannot be told from 0. Shares add up to 1, single
        ones may be negative or above 1.
    size : Difference
        Of mean absolute attribution: whether the column moves the scores of one group more than those of the other.
    size_adjusted_p : float64
        p-values of ``size`` by Holm over the columns.
    same_value : Difference or None
        Of mean attribution between rows of about the same value of the column: whether the model itself treats the
        value otherwise in the two groups; None without the rows. NaN where no value is in both.
    same_value_adjusted_p : float64 or None
        p-values of ``same_value`` by Holm over the columns.
    remainder : float
        Gap less the sum of the parts: the additivity error of the attributions.
    reason : str or None
        Why there are no shares or no differences.
    """

    first: str
    second: str
    n: tuple[int, int]
    names: tuple[str, ...]
    gap: Difference
    part: Difference
    adjusted_p: FloatArray
    share: FloatArray
    share_low: FloatArray
    share_high: FloatArray
    size: Difference
    size_adjusted_p: FloatArray
    same_value: Difference | None
    same_value_adjusted_p: FloatArray | None
    remainder: float
    reason: str | None

    @property
    def starred(self) -> NDArray[np.bool_]:
        """Columns whose part differs from 0 after Holm, at 5 %."""
        found: NDArray[np.bool_] = self.adjusted_p < 0.05
        return found


def gap_reasons(
    values: FloatArray,
    names: Sequence[str],
    output: FloatArray,
    codes: NDArray[np.int32],
    groups: Sequence[str],
    *,
    first: int,
    second: int,
    frame: pd.DataFrame | None = None,
    min_n: int = DEFAULT_MIN_N,
) -> GapReasons:
    """Split the gap between two groups' mean outputs among the columns.

    Parameters
    ----------
    values : float64 (n, columns)
        Attributions of all rows, all with the same base.
    names : sequence of str
        Columns.
    output : float64 (n,)
        The model's output in the space of the values.
    codes : int32 (n,)
        Position of each row's group.
    groups : sequence of str
        Groups.
    first, second : int
        Groups to compare.
    frame : DataFrame (n, …), optional
        The rows, for the comparison at the same value.
    min_n : int
        Rows a group needs; else everything is NaN, with the reason.

    Raises
    ------
    InvalidChoice
        The same group twice.
    """
    if first == second:
        msg = tr(
            "A group is compared with another one, got {groups} twice. Choose two groups.",
            groups=f"{groups[first]!r}",
        )
        raise InvalidChoice(msg)
    sides = (codes == first, codes == second)
    n = (int(sides[0].sum()), int(sides[1].sum()))
    rounding = _ROUNDING * float(np.abs(values).max(initial=0.0))
    gap, part, size = (
        welch(means(x[sides[0]]), means(x[sides[1]]), rounding=rounding)
        for x in (output, values, np.abs(values))
    )
    same = None if frame is None else at_same_value(values, names, frame, sides, rounding=rounding)
    reason = None
    if min(n) < min_n:
        few = groups[first] if n[0] < min_n else groups[second]
        reason = tr(
            "{few} has {n} rows, at least {min_n} are needed", few=few, n=f"{min(n):,}", min_n=f"{min_n:,}"
        )
        gap, part, size = (_blank(d) for d in (gap, part, size))
        same = None if same is None else _blank(same)
    share, low, high = _shares(values, output, sides, gap, part)
    if reason is None and np.isnan(low).all():
        reason = GAP_MAY_BE_ZERO
    return GapReasons(
        first=groups[first], second=groups[second], n=n, names=tuple(names), gap=gap, part=part,
        adjusted_p=holm_over(part.p_value), share=share, share_low=low, share_high=high,
        size=size, size_adjusted_p=holm_over(size.p_value), same_value=same,
        same_value_adjusted_p=None if same is None else holm_over(same.p_value),
        remainder=float(gap.value - part.value.sum()), reason=reason,
    )  # fmt: skip


def _blank(found: Difference) -> Difference:
    none = np.full_like(found.value, np.nan)
    return Difference(none, none, none, none)


def _shares(
    values: FloatArray,
    output: FloatArray,
    sides: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    gap: Difference,
    part: Difference,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Divide the parts by the gap, both from the same rows."""
    var_part, covariance, var_gap = np.zeros(values.shape[1]), np.zeros(values.shape[1]), 0.0
    for side in sides:
        n = int(side.sum())
        if n < 2:
            none = np.full(values.shape[1], np.nan)
            return none, none, none
        v, g = values[side] - values[side].mean(axis=0), output[side] - output[side].mean()
        scale = 1.0 / (n * (n - 1))
        var_part += (v**2).sum(axis=0) * scale
        covariance += g @ v * scale
        var_gap += float(g @ g) * scale
    low, high = fieller(
        part.value, gap.value, var_part=var_part, var_whole=var_gap, covariance=covariance, z=z_value(0.95)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.isnan(low), np.nan, part.value / gap.value)
    return share, low, high


def holm_over(p: FloatArray) -> FloatArray:
    """Adjust p-values of as many questions as there are numbers; NaN is no question.

    `rai_dash.stats.tests.holm` takes two numbers as one question, which two groups are and two columns are not.
    """
    out, asked = np.full(p.shape, np.nan), np.flatnonzero(~np.isnan(p))
    if asked.size == 2:
        small, large = np.sort(p[asked])
        at = asked[np.argsort(p[asked], kind="stable")]
        out[at] = min(1.0, 2.0 * small), max(large, min(1.0, 2.0 * small))
    elif asked.size:
        out[asked] = holm(p[asked])
    return out
