"""Each group against one other set of people: a named reference, the rest of the column, or everyone.

Sources: `fairness.md` sections 3 and 4. Differences are signed here (group minus the other set), unlike the gap of
`rai_dash.metrics.disparity`, which is the largest of all and never negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.estimates import Estimates, plain
from rai_dash.core.texts import tr
from rai_dash.metrics._base import METRICS, MetricTable
from rai_dash.metrics.disparity import NARROW
from rai_dash.stats.intervals import effective_size, newcombe, ratio_interval

NOBODY_THERE = "there is nobody to compare with"
OTHER_UNDEFINED = "the number is undefined for the other side"
OTHER_IS_ZERO = "the number is 0 for the other side"
NOT_A_SHARE = "only shares of rows are compared with the rest"


class Other(StrEnum):
    """Whom a group is compared with."""

    REFERENCE = "reference"
    REST = "rest"
    OVERALL = "overall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """One group against another set of people; None = undefined.

    Parameters
    ----------
    group : str
        Name of the group.
    difference, low, high : float or None
        Group minus the other set, with Newcombe's 95 % interval.
    ratio, ratio_low, ratio_high : float or None
        Group over the other set, with the interval of Katz; none where both shares are 1, since it has no width there.
    ratio_caution : str or None
        Why the interval of the ratio is not to be relied on.
    other : float or None
        The number of the other set.
    reason : str or None
        Why there is no difference.
    """

    group: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    ratio_caution: str | None = None
    other: float | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "ratio": self.ratio,
            "ratio_low": self.ratio_low,
            "ratio_high": self.ratio_high,
            "ratio_caution": self.ratio_caution,
            "other": self.other,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class _Share:
    """A number, and the rows behind it where it is a share: ``size`` is Kish's effective number."""

    value: float
    size: float


def compare(
    table: MetricTable, metric: str, to: Other = Other.REST, *, reference: str | None = None
) -> tuple[Against, ...]:
    """Compare every group of a table with one other set of people.

    Parameters
    ----------
    table : MetricTable
        One sensitive column or cross. Small groups are compared as well: their intervals say how little is known.
    metric : str
        A metric of the table.
    to : Other
        A reference group, all other rows of the column, or all rows of the column.
    reference : str, optional
        Name of the reference group.

    Returns
    -------
    tuple of Against
        One a group, in the order of the table. Against everyone there is no interval: the two sets overlap.

    Raises
    ------
    InvalidChoice
        When the metric or the reference is not in the table.
    """
    if metric not in table.values:
        msg = tr(
            "There is no metric {metric} in this table. Choose from: {values}.",
            metric=f"{metric!r}",
            values=", ".join(sorted(table.values)),
        )
        raise InvalidChoice(msg)
    if to is Other.REFERENCE and reference not in table.groups:
        msg = tr(
            "`{reference}` is no group of `{column}`. Choose one of: {groups}.",
            reference=reference,
            column=table.column,
            groups=", ".join(table.groups[:20]),
        )
        raise InvalidChoice(msg)
    is_share = METRICS[metric].family == "rate"
    if not is_share and to is not Other.REFERENCE:
        return tuple(Against(group=group, reason=NOT_A_SHARE) for group in table.groups)
    values = table.values[metric]
    out = []
    for i, group in enumerate(table.groups):
        other = _other(values, i, to, table.groups.index(reference) if reference in table.groups else -1)
        out.append(_against(group, values, i, other, has_interval=is_share and to is not Other.OVERALL))
    return tuple(out)


def _other(values: Estimates, position: int, to: Other, reference: int) -> _Share | None:
    """Return the number of the other set; None = there is nobody."""
    if to is Other.REFERENCE:
        if reference == position:
            return None
        return _Share(float(values.value[reference]), float(values.size[reference]))
    places = np.arange(values.value.size)
    keep = places != position if to is Other.REST else places >= 0
    total = float(np.nansum(values.denominator[keep]))
    if total <= 0:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.where(values.size > 0, values.denominator**2 / values.size, 0.0)
    size = float(effective_size(total, float(np.nansum(squares[keep]))))
    return _Share(float(np.nansum(values.numerator[keep])) / total, size)


def _against(
    group: str, values: Estimates, position: int, other: _Share | None, *, has_interval: bool
) -> Against:
    value = float(values.value[position])
    if other is None:
        return Against(group=group, reason=NOBODY_THERE)
    if np.isnan(value):
        return Against(group=group, other=plain(other.value), reason=values.reason[position] or "undefined")
    if np.isnan(other.value):
        return Against(group=group, reason=OTHER_UNDEFINED)
    caution = None
    limits = ratio_limits = (None, None)
    if has_interval:
        size = float(values.size[position])
        parts = (value * size, size, other.value * other.size, other.size)
        limits = tuple(plain(float(x)) for x in newcombe(*parts))  # type: ignore[assignment]
        *ends, is_narrow = ratio_interval(*parts)
        ratio_limits = tuple(plain(float(x)) for x in ends)  # type: ignore[assignment]
        caution = NARROW if bool(is_narrow) else None
    return Against(
        group=group,
        difference=value - other.value,
        low=limits[0],
        high=limits[1],
        ratio=None if other.value == 0.0 or value < 0.0 else value / other.value,
        ratio_low=ratio_limits[0],
        ratio_high=ratio_limits[1],
        ratio_caution=caution,
        other=other.value,
    )
