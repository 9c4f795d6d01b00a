"""Limits on the numbers of a band, typed as sentences: "review at most 8 %".

``<`` and ``<=`` are one here, as are ``>`` and ``>=``: a number within 1e-12 of the limit keeps it (review-band.md
section 13).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.review._constraint_words import COST, GAP, PHRASES, RATIO
from rai_dash.review.gaps import GAPS

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: A number that misses its limit by no more keeps it.
TOLERANCE = 1e-12
#: Every name that can be limited.
LIMITED: tuple[str, ...] = (*PHRASES, *GAPS)

_SIGNS = ("<=", ">=")
_RANGES = {
    GAP: "Give a number from 0 to 1, or a percentage.",
    RATIO: "Give 0 or more, for example 0.8.",
    COST: "Give the cost of one application, 0 or more.",
}
_GROUPS_HOW = "Name one group for a share, two for a gap or ratio, and none for the cost."


@dataclass(frozen=True, slots=True)
class Constraint:
    """One limit on one number of a band.

    Parameters
    ----------
    metric : str
        One of `LIMITED`: the names of review-band.md sections 4, 5 and 8, and ``"cost"`` (per application).
    operator : str
        ``"<="`` or ``">="``.
    value : float
        The limit; shares and gaps in 0..1.
    column : str or None
        Sensitive column of a gap or of ``groups``; None = the only one there is.
    groups : tuple of str
        Empty = everyone, and all eligible groups for a gap. One group: the number of this group alone. Two: the gap
        or ratio of these two alone.

    Raises
    ------
    InvalidChoice
        When the parts do not fit together.
    """

    metric: str
    operator: str
    value: float
    column: str | None = None
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the parts."""
        if self.metric not in LIMITED:
            msg = tr(
                "There is no number `{metric}` to limit. Choose from: {limited}.",
                metric=self.metric,
                limited=", ".join(LIMITED),
            )
            raise InvalidChoice(msg)
        if self.operator not in _SIGNS:
            msg = tr(
                "A limit on {metric} is written with <= or >=, got `{operator}`.",
                metric=self.metric,
                operator=self.operator,
            )
            raise InvalidChoice(msg)
        if not math.isfinite(self.value) or self.value < 0 or (self.unit == GAP and self.value > 1):
            msg = tr(
                "{self_} is no limit for {metric}. {unit}",
                self_=f"{self.value:g}",
                metric=self.metric,
                unit=_RANGES[self.unit],
            )
            raise InvalidChoice(msg)
        if len(set(self.groups)) != len(self.groups) or len(self.groups) > 2:
            msg = tr(
                "A limit names two different groups at most, got {groups}.", groups=", ".join(self.groups)
            )
            raise InvalidChoice(msg)
        fits = self.metric != COST and self.is_gap == (len(self.groups) == 2)
        if self.groups and not fits:
            msg = tr(
                "{metric} cannot be limited for {groups}. {groups_how}",
                metric=self.metric,
                groups=" and ".join(self.groups),
                groups_how=_GROUPS_HOW,
            )
            raise InvalidChoice(msg)

    @property
    def is_gap(self) -> bool:
        """Whether groups are compared."""
        return self.metric in GAPS

    @property
    def unit(self) -> str:
        """``"cost"``, ``"ratio"``, or ``"gap"`` for everything that lies in 0..1."""
        if self.metric == COST:
            return COST
        return RATIO if self.is_gap and GAPS[self.metric][1] == RATIO else GAP

    def keeps(self, values: FloatArray) -> BoolArray:
        """Mark the numbers that keep the limit, within `TOLERANCE`; NaN = undefined does not."""
        # A comparison with NaN is false.
        if self.operator == "<=":
            return values <= self.value + TOLERANCE
        return values >= self.value - TOLERANCE

    def words(self) -> str:
        """Write the limit as a sentence that `parse_constraint` reads back.

        Examples
        --------
        >>> Constraint("good_auto_rejected_gap", "<=", 0.05, "gender", ("women", "men")).words()
        'wrongly declined gap between women and men (gender) at most 5 points'
        >>> Constraint("review_rate", "<=", 0.08).words()
        'review at most 8 %'
        """
        share, kind = GAPS.get(self.metric, (self.metric, ""))
        parts = [PHRASES[share][0], kind]
        if self.groups:
            parts.append(("between " if self.is_gap else "of ") + " and ".join(self.groups))
        if self.column is not None:
            parts.append(f"({self.column})" if self.groups else f"by {self.column}")
        sign = "at most" if self.operator == "<=" else "at least"
        return " ".join([*filter(None, parts), sign, self._limit()])

    def _limit(self) -> str:
        """Write the value in its unit."""
        if self.unit != GAP:
            return f"{self.value:,.10g}"
        text = f"{self.value * 100:.10g}"
        return f"{text} %" if not self.is_gap else f"{text} point{'' if text == '1' else 's'}"

    def to_json(self) -> dict[str, object]:
        """Return the parts and the sentence as plain values."""
        return {
            "metric": self.metric,
            "operator": self.operator,
            "value": self.value,
            "column": self.column,
            "groups": list(self.groups),
            "words": self.words(),
        }
