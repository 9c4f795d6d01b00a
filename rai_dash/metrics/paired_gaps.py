"""How far groups lie apart under two models, compared on the same rows: is the gap narrower or wider.

A gap is the largest less the smallest share among the groups, so that it has a corner where groups are alike: the plain
bootstrap of it is too narrow there. Here every pair of groups that may be the widest one, under either model, keeps its
own bootstrap law, and the interval is the hull of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.metrics._base import DEFAULT_MIN_N
from rai_dash.metrics._paired_cells import SAME_ROWS, JointCells, paired_rate
from rai_dash.metrics.disparity import TOO_FEW_GROUPS
from rai_dash.metrics.paired_draws import LEAST_DISCORDANT, WEIGHTED
from rai_dash.metrics.paired_verdict import ALPHA
from rai_dash.stats.bootstrap import percentile_interval
from rai_dash.stats.tests import holm_of_all

FloatArray = NDArray[np.float64]

REPLICATES: Final = 4_000
#: Pairs of groups that may be the widest and are followed, under each model.
_MOST_PAIRS: Final = 20
#: A pair may be the widest while it lies within so many standard errors of the widest one seen.
_REACH: Final = 2.0
ALIKE: Final = "both models decide alike in all these groups"


class GapVerdict(StrEnum):
    """What may be said about two gaps; a narrower gap is not yet a better model."""

    NARROWER = "narrower shown"
    WIDER = "wider shown"
    EQUIVALENT = "equivalent within tolerance"
    NONE = "no difference shown"
    UNTESTED = "not tested"
    TOO_FEW = "too few"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedGap:
    """The gap between groups under a second model less the gap under a first one, on the same rows.

    Parameters
    ----------
    metric : str
        One of `SAME_ROWS`: a share of the same rows under both models.
    a, b : float or None
        Largest less smallest share under the first and the second model; None = undefined.
    ends_a, ends_b : (str, str) or None
        The groups with the smallest and the largest share.
    difference, low, high : float or None
        b less a with its paired 95 % interval.
    inner : (float, float) or None
        Its 90 % interval, for the question whether the difference lies within the tolerance.
    p_value, adjusted : float or None
        Two-sided, of no difference; and allowing for all that was looked at (Holm).
    groups : tuple of str
        Groups that are compared: those with enough rows and a defined share.
    discordant : int
        Decisions in them that differ and count for this number.
    verdict : GapVerdict
    reason : str or None
        Why there is no difference, or no interval.
    """

    metric: str
    a: float | None = None
    b: float | None = None
    ends_a: tuple[str, str] | None = None
    ends_b: tuple[str, str] | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    inner: tuple[float, float] | None = None
    p_value: float | None = None
    adjusted: float | None = None
    groups: tuple[str, ...] = ()
    discordant: int = 0
    verdict: GapVerdict = GapVerdict.UNDEFINED
    reason: str | None = None

    @property
    def is_shown(self) -> bool:
        """Whether a difference is shown."""
        return self.verdict in {GapVerdict.NARROWER, GapVerdict.WIDER}

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "a": self.a,
            "b": self.b,
            "ends_a": None if self.ends_a is None else list(self.ends_a),
            "ends_b": None if self.ends_b is None else list(self.ends_b),
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
            "adjusted_p": self.adjusted,
            "groups": list(self.groups),
            "discordant": self.discordant,
            "verdict": str(self.verdict),
            "reason": self.reason,
        }


def paired_gap(cells: JointCells, metric: str, *, min_n: int = DEFAULT_MIN_N, seed: int = 0) -> PairedGap:
    """Compare the gaps of two models in one number.

    Parameters
    ----------
    cells : JointCells
        By the groups of one sensitive column.
    metric : str
        One of `SAME_ROWS`.
    min_n : int
        Fewest rows of a group that is compared, and fewest that its share rests on for an interval.
    seed : int
        Derive it from fingerprints.

    Raises
    ------
    InvalidChoice
        When the number is no share of the same rows.

    Notes
    -----
    A bootstrap sample draws the four cells of each group's paired table again, each with half a row more, so that what
    was not seen is not taken as impossible. The interval is the hull of the percentile intervals of
    ``(b_i - b_j) - (a_k - a_l)`` over all pairs that may be the widest, centred at the difference that was seen. Its
    coverage over worlds with alike, different and reversed gaps is in tests/simulations/test_paired_gaps.py.
    """
    if metric not in SAME_ROWS:
        msg = tr(
            "Gaps are compared in shares of the same rows, and `{metric}` is none. Choose: {same_rows}.",
            metric=metric,
            same_rows=", ".join(SAME_ROWS),
        )
        raise InvalidChoice(msg)
    decided = cells.decided
    found = [paired_rate(decided, metric, g) for g in range(len(cells.groups))]
    at = [g for g, one in enumerate(found) if cells.n[g] >= min_n and one.difference is not None]
    if len(at) < 2:
        return PairedGap(metric=metric, reason=TOO_FEW_GROUPS)
    kept = [found[g] for g in at]
    a, b = (
        np.array([side.value for side in sides]) for sides in zip(*((o.a, o.b) for o in kept), strict=True)
    )
    names = tuple(cells.groups[g] for g in at)
    gap = PairedGap(
        metric=metric, a=float(np.ptp(a)), b=float(np.ptp(b)), ends_a=_ends(names, a), ends_b=_ends(names, b),
        difference=float(np.ptp(b) - np.ptp(a)), groups=names, discordant=sum(one.discordant for one in kept),
    )  # fmt: skip
    if cells.is_weighted:
        return replace(gap, reason=WEIGHTED)
    if not gap.discordant:
        return replace(gap, p_value=1.0, reason=ALIKE)
    fewest = min(one.n for one in kept)
    if fewest < min_n:
        return replace(gap, reason=f"rests on {fewest:,} applicants in one group, fewer than {min_n}")
    if gap.discordant < LEAST_DISCORDANT:
        few = tr(
            "rests on {discordant} decisions that differ, fewer than {least_discordant}",
            discordant=f"{gap.discordant:,}",
            least_discordant=LEAST_DISCORDANT,
        )
        return replace(gap, reason=few)
    tables = np.array([(o.both, o.only_a, o.only_b, o.neither) for o in kept], dtype=np.int64)
    return _with_interval(gap, a, b, *_errors(tables, seed))


def _ends(names: Sequence[str], values: FloatArray) -> tuple[str, str]:
    return names[int(values.argmin())], names[int(values.argmax())]


def _errors(tables: NDArray[np.int64], seed: int) -> tuple[FloatArray, FloatArray]:
    """Draw each group's paired table again; how far both shares then lie from their centre, (replicates, groups)."""
    rng = np.random.default_rng(seed)
    first, second = (np.empty((REPLICATES, len(tables))) for _ in range(2))
    # In an order that no name decides: what is said must not depend on where a group stands.
    for g in np.lexsort(tables.T[::-1]):
        n = int(tables[g].sum())
        law = (tables[g] + 0.5) / (n + 2.0)
        both, only_a, only_b, _ = (rng.multinomial(n, law, size=REPLICATES) / n).T
        first[:, g] = both + only_a - law[0] - law[1]
        second[:, g] = both + only_b - law[0] - law[2]
    return first, second


def _with_interval(gap: PairedGap, a: FloatArray, b: FloatArray, da: FloatArray, db: FloatArray) -> PairedGap:
    """Add interval and test from the drawn errors of all pairs that may be the widest."""
    under_a, under_b = _reachable(a, da), _reachable(b, db)
    errors = (under_b[:, :, None] - under_a[:, None, :]).reshape(REPLICATES, -1)
    centre = gap.difference or 0.0

    def hull(level: float) -> tuple[float, float]:
        low, high, _ = percentile_interval(errors, level=level)
        return float(centre + low.min()), float(centre + high.max())

    low, high = hull(1.0 - ALPHA)
    tails = np.minimum((centre + errors <= 0).sum(axis=0), (centre + errors >= 0).sum(axis=0))
    p_value = min(1.0, 2.0 * (int(tails.max()) + 1) / (REPLICATES + 1))
    return replace(gap, low=low, high=high, inner=hull(1.0 - 2.0 * ALPHA), p_value=p_value)


def _reachable(values: FloatArray, errors: FloatArray) -> FloatArray:
    """Return the drawn errors of the pairs of groups that may be the widest, float64 (replicates, pairs)."""
    high, low = np.nonzero(~np.eye(values.size, dtype=bool))
    contrast, drawn = values[high] - values[low], errors[:, high] - errors[:, low]
    spread = drawn.std(axis=0)
    widest = int(contrast.argmax())
    near = contrast >= contrast[widest] - _REACH * np.hypot(spread, spread[widest])
    order = np.argsort(-contrast, kind="stable")
    kept = order[near[order]][:_MOST_PAIRS]
    chosen: FloatArray = drawn[:, kept]
    return chosen


def judged_gaps(families: Sequence[Sequence[PairedGap]], *, tolerance: float) -> list[tuple[PairedGap, ...]]:
    """Reach the verdicts about all gaps that are looked at together.

    Parameters
    ----------
    families : sequence of sequence of PairedGap
        For example those of each candidate and column: Holm counts all of them.
    tolerance : float
        A difference of gaps that does not matter, in (0, 1).
    """
    tested = [one.p_value for family in families for one in family if one.p_value is not None]
    adjusted = iter(float(p) for p in holm_of_all(np.array(tested, dtype=np.float64)))
    return [
        tuple(_judged(one, None if one.p_value is None else next(adjusted), tolerance) for one in family)
        for family in families
    ]


def _judged(one: PairedGap, adjusted: float | None, tolerance: float) -> PairedGap:
    return replace(one, adjusted=adjusted, verdict=_verdict(one, adjusted, tolerance))


def _verdict(one: PairedGap, adjusted: float | None, tolerance: float) -> GapVerdict:
    if one.difference is None:
        return GapVerdict.UNDEFINED
    if adjusted is None:
        return GapVerdict.UNTESTED if one.reason == WEIGHTED else GapVerdict.TOO_FEW
    if one.low is None or one.high is None or adjusted >= ALPHA or one.low <= 0.0 <= one.high:
        is_within = one.inner is not None and -tolerance < one.inner[0] and one.inner[1] < tolerance
        return GapVerdict.EQUIVALENT if is_within else GapVerdict.NONE
    return GapVerdict.NARROWER if one.difference < 0 else GapVerdict.WIDER
