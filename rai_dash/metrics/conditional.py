"""Each group against the rest with a control column held fixed: what of a gap is left among people alike in it.

Source: `fairness.md` section 3, "conditional". A control may itself carry the disparity (a postcode, an income): a gap
that vanishes within its levels is explained by it, not excused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.estimates import plain
from rai_dash.core.texts import tr
from rai_dash.metrics._base import METRICS, MetricTable, few_rows, ratio
from rai_dash.metrics.against import NOT_A_SHARE, OTHER_IS_ZERO
from rai_dash.metrics.disparity import NARROW, TOO_FEW_GROUPS, disparity
from rai_dash.metrics.verdict import DEFAULT_TOLERANCE, GapVerdict, gap_verdict
from rai_dash.metrics.within import ALPHA, Conditional, GroupWithin, LevelGap
from rai_dash.stats.intervals import effective_size, newcombe
from rai_dash.stats.stratified import (
    Strata,
    cochran_mantel_haenszel,
    comparable,
    has_room,
    homogeneity,
    pooled,
)
from rai_dash.stats.tests import Verdict, holm

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NOBODY_ELSE: Final = "nobody of the other groups counts in this level"
NO_LEVEL: Final = "no level has both this group and others"

__all__ = ["NOBODY_ELSE", "NO_LEVEL", "Conditional", "GroupWithin", "LevelGap", "conditional"]


def conditional(
    levels: Sequence[tuple[str, MetricTable]],
    metric: str,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    verdicts: bool = True,
) -> Conditional:
    """Compare the groups within each level of a control, and pooled over the levels.

    Parameters
    ----------
    levels : sequence of (str, MetricTable)
        Name and table of each level, all with the same groups in the same order; at least one. Groups with fewer than
        ``min_n`` rows in all levels together are not tested; they do belong to the rest of the others.
    metric : str
        A metric of the tables.
    tolerance : float
        A difference that does not matter, for the verdict of each level.
    verdicts : bool
        Whether each level gets its verdict, which takes some milliseconds a level; False for a slider in motion.

    Returns
    -------
    Conditional
        Pooled for shares of rows only.

    Raises
    ------
    InvalidChoice
        When there is no level, a table does not have the metric, or the tables differ in their groups.
    """
    _check(levels, metric)
    gaps = _level_gaps(levels, metric, tolerance, verdicts=verdicts)
    if METRICS[metric].family != "rate":
        return Conditional(metric=metric, levels=gaps, reason=NOT_A_SHARE)
    return Conditional(
        metric=metric,
        groups=_groups(levels, metric),
        levels=gaps,
        is_approximate=any(
            bool((t.values[metric].size != t.values[metric].denominator).any()) for _, t in levels
        ),
    )


def _check(levels: Sequence[tuple[str, MetricTable]], metric: str) -> None:
    if not levels:
        msg = tr("There is no level to compare within. Choose a control column that has values.")
        raise InvalidChoice(msg)
    first = levels[0][1]
    for level, table in levels:
        if metric not in table.values:
            msg = tr(
                "There is no metric {metric} in this table. Choose from: {values}.",
                metric=f"{metric!r}",
                values=", ".join(sorted(table.values)),
            )
            raise InvalidChoice(msg)
        if table.groups != first.groups:
            msg = tr(
                "The level `{level}` does not have the groups of the others. Count all levels by the same "
                "groups.",
                level=level,
            )
            raise InvalidChoice(msg)


def _level_gaps(
    levels: Sequence[tuple[str, MetricTable]], metric: str, tolerance: float, *, verdicts: bool
) -> tuple[LevelGap, ...]:
    """Return the gap of each level; a finding must stand up to all levels having been looked at."""
    found = [gap_verdict(table, metric, tolerance=tolerance) if verdicts else None for _, table in levels]
    tested = [i for i, v in enumerate(found) if v is not None and v.p_value is not None]
    p_values = np.array([v.p_value for v in found if v is not None and v.p_value is not None])
    adjusted = dict(zip(tested, _all_hypotheses(p_values), strict=True))
    return tuple(
        LevelGap(
            level=level,
            n=int(table.n.sum()),
            gap=disparity(table, metric),
            verdict=_stands(verdict, adjusted.get(i)),
            adjusted_p=plain(adjusted[i]) if i in adjusted else None,
            counts=_counts(table, metric),
        )
        for i, ((level, table), verdict) in enumerate(zip(levels, found, strict=True))
    )


def _counts(table: MetricTable, metric: str) -> dict[str, tuple[int, float, float]]:
    """Return rows, numerator and denominator of each group."""
    values = table.values[metric]
    parts = zip(table.n.tolist(), values.numerator.tolist(), values.denominator.tolist(), strict=True)
    return dict(zip(table.groups, parts, strict=True))


def _stands(verdict: GapVerdict | None, adjusted_p: float | None) -> GapVerdict | None:
    """Take back a finding that chance among so many levels would give as well."""
    if verdict is None or adjusted_p is None or adjusted_p < ALPHA:
        return verdict
    shown = verdict.verdict == Verdict.SHOWN
    said = str(Verdict.NOT_ENOUGH) if shown else verdict.verdict
    return replace(verdict, verdict=said, starred=(), beyond_tolerance=())


def _all_hypotheses(p_values: FloatArray) -> FloatArray:
    """Adjust by Holm without its exception for two groups, which are one question: here two are two."""
    return holm(np.append(p_values, 0.0))[:-1]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the comparison of each group, float64 (groups, levels): sums of hits, weights and squared weights."""

    hits: FloatArray
    trials: FloatArray
    squares: FloatArray

    @property
    def size(self) -> FloatArray:
        """Effective trials."""
        return effective_size(self.trials, self.squares)

    @property
    def effective_hits(self) -> FloatArray:
        """Share times effective trials."""
        return np.nan_to_num(self.share) * self.size

    @property
    def share(self) -> FloatArray:
        """Hits over trials, NaN without trials."""
        return ratio(self.hits, self.trials)

    def over_levels(self) -> _Side:
        """Add the levels up: the comparison without the control, float64 (groups,)."""
        return _Side(*(part.sum(axis=1) for part in (self.hits, self.trials, self.squares)))


def _sides(levels: Sequence[tuple[str, MetricTable]], metric: str) -> tuple[_Side, _Side]:
    """Return each group, and the rest of its column."""
    values = [table.values[metric] for _, table in levels]
    hits, trials, size = (
        np.nan_to_num(np.stack([getattr(v, name) for v in values], axis=1))
        for name in ("numerator", "denominator", "size")
    )
    squares = np.divide(trials**2, size, out=np.zeros_like(size), where=size > 0)
    # Added up, not taken from the total: what rounding leaves of weights is no empty side.
    others = 1.0 - np.eye(len(hits))
    return _Side(hits, trials, squares), _Side(others @ hits, others @ trials, others @ squares)


def _groups(levels: Sequence[tuple[str, MetricTable]], metric: str) -> tuple[GroupWithin, ...]:
    own, rest = _sides(levels, metric)
    strata = comparable(own.effective_hits, own.size, rest.effective_hits, rest.size)
    rows = np.stack([table.n for _, table in levels], axis=1)
    min_n = levels[0][1].min_n
    is_small = rows.sum(axis=1) < min_n
    numbers = _crude(own, rest) | _tests(strata, is_small, own) | asdict(pooled(strata))
    is_narrow = numbers.pop("ratio_is_narrow")
    numbers["homogeneity_p"] = homogeneity(strata)
    is_sparse = strata.is_used.any(axis=1) & ~has_room(strata)
    out = []
    for i, group in enumerate(levels[0][1].groups):
        one: dict[str, Any] = {name: plain(values[i]) for name, values in numbers.items()}
        adjusted, n = one["adjusted_p"], int(rows[i].sum())
        out.append(
            GroupWithin(
                group=group,
                n=n,
                n_used=int(rows[i][strata.is_used[i]].sum()),
                is_small=bool(is_small[i]),
                is_sparse=bool(is_sparse[i]),
                is_starred=adjusted is not None and adjusted < ALPHA and not is_sparse[i],
                used=tuple(level for (level, _), used in zip(levels, strata.is_used[i], strict=True) if used),
                left_out=_left_out(levels, metric, i, strata.is_used[i]),
                ratio_caution=NARROW if is_narrow[i] else None,
                **one,
                **_reasons(
                    one,
                    small=few_rows(n, min_n) if is_small[i] else None,
                ),
            )
        )
    return tuple(out)


def _crude(own: _Side, rest: _Side) -> dict[str, FloatArray]:
    """Compare without the control: all rows, those of levels that are left out as well."""
    own, rest = own.over_levels(), rest.over_levels()
    low, high = newcombe(own.effective_hits, own.size, rest.effective_hits, rest.size)
    return {"crude": own.share - rest.share, "crude_low": low, "crude_high": high}


def _tests(strata: Strata, is_small: BoolArray, own: _Side) -> dict[str, FloatArray]:
    """Test the large groups, if there are two; two groups that are everybody are one question, others are two."""
    tested = strata.is_used.any(axis=1) & ~is_small
    p_value = adjusted = np.full(tested.size, np.nan)
    if tested.sum() >= 2:
        p_value = np.where(tested, cochran_mantel_haenszel(strata), np.nan)
        adjusted = p_value.copy()
        are_everybody = tested.sum() == (own.trials > 0).any(axis=1).sum()
        adjusted[tested] = (holm if are_everybody else _all_hypotheses)(p_value[tested])
    return {"p_value": p_value, "adjusted_p": adjusted}


def _left_out(
    levels: Sequence[tuple[str, MetricTable]], metric: str, group: int, used: BoolArray
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (level, table.values[metric].reason[group] or NOBODY_ELSE)
        for (level, table), is_used in zip(levels, used, strict=True)
        if not is_used
    )


def _reasons(one: Mapping[str, float | None], *, small: str | None) -> dict[str, Any]:
    """Say why a number is missing."""
    missing = NO_LEVEL if one["difference"] is None else None
    undefined = OTHER_IS_ZERO if one["ratio"] is None else None
    test = small or missing
    if test is None and one["p_value"] is None:
        test = TOO_FEW_GROUPS
    return {"reason": missing, "ratio_reason": missing or undefined, "test_reason": test}
