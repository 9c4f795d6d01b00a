"""Route every application by a review band and say how good the automatic part is.

``score < lo`` is declined, ``score >= hi`` approved, the rest goes to a person, as does everyone
without a score. All of it is arithmetic on counts; no row is read on the grid of 0.001.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import EVERYONE, GroupCounts
from rai_dash.core.estimates import Estimates, plain
from rai_dash.core.types import Estimate, ReviewBand
from rai_dash.review._routed import SHARES, Routed, routed_counts
from rai_dash.stats.shares import several_estimates

FloatArray = NDArray[np.float64]

#: Names of the shares of a `RouteFigures` with one plain line each.
MEANINGS: Mapping[str, str] = {name: share.meaning for name, share in SHARES.items()}

_SUMS = (
    "everyone", "approve", "reject", "review", "no_score", "labelled", "tp", "fp", "tn", "fn",
    "favourable_in_review", "unfavourable_in_review",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RouteFigures:
    """What the band does to some groups.

    Parameters
    ----------
    groups : tuple of str
        Names in display order.
    n : int64 (groups,)
        Rows, whatever their weight.
    sums : mapping of str to float64 (groups,)
        Rows (weights where there are weights): ``everyone, approve, reject, review`` (``no_score`` is
        part of it), ``labelled, tp, fp, tn, fn`` of the automatic decisions, and the favourable and
        unfavourable outcomes sent to a person.
    estimates : mapping of str to Estimates
        The shares of `MEANINGS`, each with Wilson's interval on Kish's size of its denominator.
    """

    groups: tuple[str, ...]
    n: NDArray[np.int64]
    sums: Mapping[str, FloatArray]
    estimates: Mapping[str, Estimates]

    def estimate(self, name: str, position: int = 0) -> Estimate:
        """Return one share of one group."""
        return self.estimates[name].at(position)

    def to_json(self, position: int = 0) -> dict[str, object]:
        """Return everything about one group as plain values; undefined = None."""
        head: dict[str, object] = {"n": int(self.n[position])}
        sums = {name: plain(values[position]) for name, values in self.sums.items()}
        return head | sums | {name: values.to_json(position) for name, values in self.estimates.items()}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RouteTable:
    """What a band does overall (one group called ``"everyone"``) and to each group."""

    band: ReviewBand
    column: str
    overall: RouteFigures
    by_group: RouteFigures

    def to_json(self) -> dict[str, object]:
        """Return ``{lo, threshold, hi, overall, groups}`` as plain values; undefined = None."""
        groups = {name: self.by_group.to_json(i) for i, name in enumerate(self.by_group.groups)}
        return {
            "lo": self.band.lo,
            "threshold": self.band.threshold,
            "hi": self.band.hi,
            "overall": self.overall.to_json(),
            "groups": groups,
        }


def route(counts: GroupCounts, band: ReviewBand) -> RouteTable:
    """Compute what a band does.

    Parameters
    ----------
    counts : GroupCounts
        Of one sensitive column, or of everyone.
    band : ReviewBand
        An open end (None) means nothing is decided automatically on that side.

    Returns
    -------
    RouteTable
        A share is undefined where its denominator is 0.

    Examples
    --------
    >>> from rai_dash.data.counting import count
    >>> counts = count(np.array([0, 1, 1, 0], np.int8), np.array([0.1, 0.5, 0.9, np.nan]), None)
    >>> overall = route(counts, ReviewBand(0.3, 0.5, 0.7)).overall
    >>> [int(overall.sums[name][0]) for name in ("reject", "review", "approve", "no_score")]
    [1, 2, 1, 1]
    """
    sums, squares = routed_counts(counts, band)
    rows = counts.n
    return RouteTable(
        band=band,
        column=counts.column,
        overall=route_figures(
            (EVERYONE,), rows.sum(keepdims=True), sums.over_groups(), squares.over_groups()
        ),
        by_group=route_figures(counts.groups, rows, sums, squares),
    )


def route_figures(
    groups: tuple[str, ...], rows: NDArray[np.int64], sums: Routed, squares: Routed
) -> RouteFigures:
    """Turn the sums of one band into shares with intervals.

    Parameters
    ----------
    groups : tuple of str
        Names in display order.
    rows : int64 (groups,)
        Rows, whatever their weight.
    sums, squares : Routed
        Sums of weights and of squared weights of one band, its plane being ``()``.
    """
    shares = SHARES.values()
    estimates = several_estimates(
        np.stack([share.numerator(sums) for share in shares]),
        np.stack([share.denominator(sums) for share in shares]),
        squares=np.stack([share.denominator(squares) for share in shares]),
        undefined=[share.undefined for share in shares],
    )
    return RouteFigures(
        groups=groups,
        n=rows,
        sums={name: getattr(sums, name) for name in _SUMS},
        estimates=dict(zip(SHARES, estimates, strict=True)),
    )
