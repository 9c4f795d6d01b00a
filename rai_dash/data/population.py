"""Shares of groups in a table beside their stated shares in a population: who is missing from the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP, Estimate
from rai_dash.data.columns import closest_names, is_number, numbers
from rai_dash.data.group_sizes import Sized
from rai_dash.data.labels import label_codes
from rai_dash.stats.shares import share_estimates
from rai_dash.stats.tests import holm

FloatArray = NDArray[np.float64]
ALPHA: Final = 0.05
#: Stated shares are often rounded: a sum this near to the whole, as a share, is taken for it.
ROUNDING: Final = 0.005
#: Below so many expected rows in a group the chi-square law is a poor guide.
FEW_EXPECTED: Final = 5
MOST_GROUPS: Final = 200
NO_ROW: Final = "no row has a group that is stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShare:
    """One group in the table and in the population.

    Parameters
    ----------
    group : str
        Its name.
    n : int
        Rows in the table.
    observed : Estimate
        Share of the compared rows, with Wilson's interval.
    stated : float
        Share in the population; all of them sum to 1.
    expected : float
        Rows that a table of the same size would hold on average: ``stated * N``.
    residual : float
        Standardised: ``(n - expected) / sqrt(expected * (1 - stated))``; NaN where the stated share is 0 or 1.
    p_value : float
        Exact binomial test of the share, two-sided, adjusted for all groups (Holm); NaN as above.
    """

    group: str
    n: int
    observed: Estimate
    stated: float
    expected: float
    residual: float
    p_value: float

    @property
    def is_shown(self) -> bool:
        """Whether the difference is more than chance: the adjusted p-value is below 0.05."""
        return self.p_value < ALPHA

    @property
    def lacking(self) -> float:
        """Rows by which a table of the same size falls short; negative = rows too many."""
        return self.expected - self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationFit:
    """A column beside a population.

    Parameters
    ----------
    column : str
        The column.
    groups : tuple of GroupShare
        In the order of the table, then groups that only the population has.
    n : int
        Rows compared: those with a group.
    blank : int
        Rows without a group, left out.
    statistic, p_value : float
        Chi-square goodness of fit; NaN with fewer than two groups.
    absent : tuple of str
        Groups of the population, with a share above 0, that no row has.
    is_approximate : bool
        Whether some group expects fewer than ``FEW_EXPECTED`` rows: the chi-square test is then rough, the tests of
        the groups are exact all the same.
    """

    column: str
    groups: tuple[GroupShare, ...]
    n: int
    blank: int
    statistic: float
    p_value: float
    absent: tuple[str, ...]
    is_approximate: bool


def shares_of(stated: Mapping[str, float], *, scale: bool = False) -> dict[str, float]:
    """Check stated shares and bring them to a sum of 1.

    Parameters
    ----------
    stated : mapping of str to float
        Percentages, or shares of 1.
    scale : bool
        Whether numbers of any sum are scaled, such as head counts.

    Raises
    ------
    InvalidChoice
        A number below 0, or a sum that is neither 100 nor 1 while ``scale`` is off.
    """
    wrong = [g for g, x in stated.items() if not 0.0 <= x < math.inf]
    if wrong:
        msg = tr(
            "The share of `{wrong}` is {stated}. Give numbers from 0 up.",
            wrong=wrong[0],
            stated=f"{stated[wrong[0]]:g}",
        )
        raise InvalidChoice(msg)
    total = math.fsum(stated.values())
    if total == 0.0:
        msg = tr("All stated shares are 0. State the share of each group in the population, in percent.")
        raise InvalidChoice(msg)
    is_whole = any(abs(total / whole - 1.0) <= ROUNDING for whole in (100.0, 1.0))
    if not (scale or is_whole):
        msg = tr(
            "The stated shares add up to {total}, not to 100 %. Correct them, or have them scaled to 100 "
            "%, which is right for head counts.",
            total=f"{total:.6g}",
        )
        raise InvalidChoice(msg)
    return {group: x / total for group, x in stated.items()}


def population_fit(index: Sized, stated: Mapping[str, float], *, scale: bool = False) -> PopulationFit:
    """Compare the groups of a column with a stated population.

    Parameters
    ----------
    index : GroupIndex, or other `Sized`
        The groups; rows of the group ``(missing)`` are left out unless its share is stated.
    stated : mapping of str to float
        Share of each group, see `shares_of`. Groups that the table lacks are kept with 0 rows.
    scale : bool
        Whether numbers of any sum are scaled.

    Raises
    ------
    InvalidChoice
        See `shares_of`; or a group with rows has no stated share or a share of 0.

    References
    ----------
    Agresti, A. (2013). Categorical Data Analysis, 3rd ed. Wiley, sections 1.5 (goodness of fit) and 3.3
    (standardised residuals).
    """
    share = shares_of(stated, scale=scale)
    rows = {g: int(n) for g, n in zip(index.groups, index.sizes, strict=True)}
    blank = 0 if MISSING_GROUP in share else rows.pop(MISSING_GROUP, 0)
    _check_groups(index.column, rows, share)
    names = [g for g in (*rows, *(g for g in share if g not in rows)) if share.get(g, 0.0) > 0.0]
    n = np.array([rows.get(g, 0) for g in names], dtype=np.int64)
    p = np.array([share[g] for g in names])
    total = int(n.sum())
    observed = share_estimates(
        n.astype(np.float64),
        np.full(n.size, float(total)),
        squares=np.full(n.size, float(total)),
        undefined=NO_ROW,
    )
    residual, adjusted = _residuals(n, p), _adjusted(n, p)
    statistic, p_value = _chi_square(n, p)
    groups = tuple(
        GroupShare(
            group=g,
            n=int(n[i]),
            observed=observed.at(i),
            stated=float(p[i]),
            expected=float(p[i] * total),
            residual=float(residual[i]),
            p_value=float(adjusted[i]),
        )
        for i, g in enumerate(names)
    )
    return PopulationFit(
        column=index.column,
        groups=groups,
        n=total,
        blank=blank,
        statistic=statistic,
        p_value=p_value,
        absent=tuple(g.group for g in groups if g.n == 0),
        is_approximate=bool((p * total < FEW_EXPECTED).any()),
    )


def _check_groups(column: str, rows: Mapping[str, int], share: Mapping[str, float]) -> None:
    """Refuse groups that have rows but no place in the population."""
    for group, n in rows.items():
        if n == 0 or share.get(group, 0.0) > 0.0:
            continue
        if group in share:
            msg = tr(
                "`{group}` has {n} rows in `{column}`, but a stated share of 0. State its share in the "
                "population, or leave these rows out of the table.",
                group=group,
                n=f"{n:,}",
                column=column,
            )
            raise InvalidChoice(msg)
        close = closest_names(group, [g for g in share if g not in rows])
        hint = tr(" Is it `{close}`?", close=close[0]) if close else ""
        msg = tr(
            "`{group}` has {n} rows in `{column}`, but no share is stated for it.{hint} State one for each "
            "group.",
            group=group,
            n=f"{n:,}",
            column=column,
            hint=hint,
        )
        raise InvalidChoice(msg)


def _residuals(n: NDArray[np.int64], p: FloatArray) -> FloatArray:
    expected = p * n.sum()
    error = np.sqrt(expected * (1.0 - p))
    out: FloatArray = np.divide(n - expected, error, out=np.full(p.size, np.nan), where=error > 0)
    return out


def _adjusted(n: NDArray[np.int64], p: FloatArray) -> FloatArray:
    """Test each share exactly and adjust for all of them; NaN where there is nothing to test."""
    from scipy.stats import binomtest

    total = int(n.sum())
    if total == 0 or p.size < 2:
        return np.full(p.size, np.nan)
    return holm(np.array([binomtest(int(k), total, float(x)).pvalue for k, x in zip(n, p, strict=True)]))


def _chi_square(n: NDArray[np.int64], p: FloatArray) -> tuple[float, float]:
    from scipy.stats import chisquare

    if n.sum() == 0 or p.size < 2:
        return math.nan, math.nan
    found = chisquare(n, p * n.sum())
    return float(found.statistic), float(found.pvalue)


def stated_shares(frame: pd.DataFrame) -> dict[str, float]:
    """Read stated shares from a table: the first column of text names groups, the first of numbers has shares.

    Where both columns hold numbers, the first names the groups.

    Raises
    ------
    InvalidChoice
        No such two columns, a blank in them, a group that stands there twice, or more than ``MOST_GROUPS`` rows.
    """
    columns = list(frame.columns)
    names = next((c for c in columns if not is_number(frame[c])), columns[0] if columns else None)
    values = next((c for c in columns if c != names and is_number(frame[c])), None)
    if names is None or values is None:
        msg = tr(
            "A file of shares has two columns: the group, and its share as a number such as 48.5. Add what "
            "lacks."
        )
        raise InvalidChoice(msg)
    if not 0 < len(frame) <= MOST_GROUPS:
        msg = tr(
            "A file of shares has one row a group, 1 to {most_groups}; this one has {frame}. Shorten it.",
            most_groups=MOST_GROUPS,
            frame=f"{len(frame):,}",
        )
        raise InvalidChoice(msg)
    codes, groups = label_codes(frame[names])
    shares = numbers(frame[values])
    blank = np.flatnonzero((codes < 0) | np.isnan(shares))
    if blank.size:
        msg = tr(
            "Row {blank} of the file of shares lacks its group or its share. Fill it in, or remove the row.",
            blank=blank[0] + 1,
        )
        raise InvalidChoice(msg)
    if len(groups) < len(frame):
        double = groups[int(np.argmax(np.bincount(codes)))]
        msg = tr(
            "`{double}` stands more than once in the file of shares. Keep one row a group.", double=double
        )
        raise InvalidChoice(msg)
    return {groups[c]: float(x) for c, x in zip(codes, shares, strict=True)}
