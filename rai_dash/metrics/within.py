"""What is said about the groups of a column within the levels of a control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rai_dash.core.estimates import plain
from rai_dash.metrics.disparity import Disparity
from rai_dash.metrics.verdict import GapVerdict

#: Level of the tests.
ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWithin:
    """One group against all other rows of its column, pooled over the levels of a control; None = undefined.

    Parameters
    ----------
    group : str
        Name of the group.
    n, n_used : int
        Its rows in all levels, and in the levels that could be compared.
    is_small : bool
        Fewer rows than ``min_n`` in all levels together: shown, not tested.
    crude, crude_low, crude_high : float or None
        Group minus the rest without the control, with Newcombe's 95 % interval.
    difference, low, high, ratio, ratio_low, ratio_high : float or None
        The same within levels, pooled (see `rai_dash.stats.stratified.pooled`).
    p_value, adjusted_p : float or None
        Of the test of Cochran, Mantel and Haenszel, alone and adjusted for having tried all groups (Holm).
    is_starred : bool
        Shown to differ: the adjusted p-value is below 0.05 and does not rest on too few (``is_sparse``).
    is_sparse : bool
        The p-value rests on so few successes or failures that it is not to be relied on.
    homogeneity_p : float or None
        Of the test that the difference is the same in all levels.
    used : tuple of str
        Levels that could be compared.
    left_out : tuple of (str, str)
        The others, each with the reason.
    reason, ratio_reason, test_reason : str or None
        Why there is no pooled difference, no ratio, no test.
    ratio_caution : str or None
        Why the interval of the ratio is not to be relied on.
    """

    group: str
    n: int
    n_used: int
    is_small: bool
    crude: float | None
    crude_low: float | None
    crude_high: float | None
    difference: float | None
    low: float | None
    high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    p_value: float | None
    adjusted_p: float | None
    is_starred: bool
    is_sparse: bool
    homogeneity_p: float | None
    used: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    reason: str | None = None
    ratio_reason: str | None = None
    test_reason: str | None = None
    ratio_caution: str | None = None

    @property
    def is_uneven(self) -> bool:
        """Whether the gap is shown to differ between levels, so that one pooled number hides it."""
        return self.homogeneity_p is not None and self.homogeneity_p < ALPHA

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        shown = (
            *("n", "n_used", "crude", "crude_low", "crude_high", "difference", "low", "high"),
            *("ratio", "ratio_low", "ratio_high", "p_value", "adjusted_p", "homogeneity_p"),
            *("reason", "ratio_reason", "test_reason", "ratio_caution"),
        )
        return {name: getattr(self, name) for name in shown} | {
            "small": self.is_small,
            "starred": self.is_starred,
            "sparse": self.is_sparse,
            "uneven": self.is_uneven,
            "levels_used": list(self.used),
            "levels_left_out": [{"level": level, "reason": reason} for level, reason in self.left_out],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelGap:
    """The largest gap inside one level.

    Parameters
    ----------
    level : str
        Name of the level.
    n : int
        Rows in it.
    gap : Disparity
        Over the groups that have enough rows in this level.
    verdict : GapVerdict or None
        None for what is no share, or when not asked for. "Disparity shown" only where the p-value stands up to having
        looked at all levels.
    adjusted_p : float or None
        The p-value of the verdict, adjusted for the number of levels (Holm).
    counts : mapping of str to (int, float, float)
        By group: its rows in this level, and numerator and denominator of its number.
    """

    level: str
    n: int
    gap: Disparity
    verdict: GapVerdict | None = None
    adjusted_p: float | None = None
    counts: Mapping[str, tuple[int, float, float]] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        tested = {} if self.verdict is None else self.verdict.to_json()
        groups = {
            group: {"n": n, "numerator": plain(numerator), "denominator": plain(denominator)}
            for group, (n, numerator, denominator) in self.counts.items()
        }
        head = {"n": self.n, "groups": groups}
        return head | self.gap.to_json() | tested | {"adjusted_over_levels": self.adjusted_p}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """One metric of the groups of a column within the levels of a control.

    Parameters
    ----------
    metric : str
        Name of the metric.
    groups : tuple of GroupWithin
        In the order of the tables; empty for what is no share of rows.
    levels : tuple of LevelGap
        In the order given.
    is_approximate : bool
        Whether rows carry weights: intervals and tests then rest on effective sizes.
    reason : str or None
        Why nothing is pooled.
    """

    metric: str
    groups: tuple[GroupWithin, ...] = ()
    levels: tuple[LevelGap, ...] = ()
    is_approximate: bool = False
    reason: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "groups": {one.group: one.to_json() for one in self.groups},
            "levels": {one.level: one.to_json() for one in self.levels},
            "approximate": self.is_approximate,
            "reason": self.reason,
        }
