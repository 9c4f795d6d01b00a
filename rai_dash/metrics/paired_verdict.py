"""What may be said about the difference of one number between two models on the same rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Estimate
from rai_dash.metrics._base import DEFAULT_MIN_N, METRICS
from rai_dash.metrics.paired_draws import WEIGHTED
from rai_dash.stats.tests import holm_of_all

ALPHA = 0.05
#: Neither end is better: approving more is no merit in itself.
_NEUTRAL = frozenset({"selection_rate", "mean_score"})
#: Each says the same as another one, and is not counted as a second look.
MIRRORS = {"fnr": "recall", "tnr": "fpr"}
#: A tolerance in points is one of shares.
_SHARES = frozenset({"rate", "composite"})


class PairVerdict(StrEnum):
    """What may be said; from the bottom up, the first that applies."""

    BETTER = mark("better shown")
    WORSE = mark("worse shown")
    HIGHER = mark("higher shown")
    LOWER = mark("lower shown")
    EQUIVALENT = mark("equivalent within tolerance")
    NONE = mark("no difference shown")
    UNTESTED = mark("not tested")
    TOO_FEW = mark("too few")
    UNDEFINED = mark("undefined")


SHOWN = frozenset({PairVerdict.BETTER, PairVerdict.WORSE, PairVerdict.HIGHER, PairVerdict.LOWER})


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedMetric:
    """One number under two models, on the rows that both decide about; None = undefined.

    Parameters
    ----------
    metric : str
        As in the registry.
    a, b : Estimate
        Under the first and under the second model; with Wilson's interval where it is a share of the same rows.
    difference, low, high : float or None
        b less a with its paired 95 % interval.
    inner : (float, float) or None
        Its 90 % interval, for the question whether the difference lies within the tolerance.
    p_value, adjusted : float or None
        Two-sided, of no difference; and allowing for all that was looked at (Holm).
    n : int
        Rows it rests on: of the rarer outcome for the AUC.
    discordant : int or None
        Of these, the rows about which the models decide differently.
    method : str
        ``"mcnemar"`` (with Newcombe's interval), ``"draws"``, ``"delong"`` or ``"mean"``.
    verdict : PairVerdict
        A difference can be shown and lie within the tolerance: see ``is_within``.
    is_within : bool
        Whether the difference is shown to be smaller than the tolerance.
    is_approximate : bool
        Whether rows carry weights.
    reason : str or None
        Why there is no difference, or no interval.
    """

    metric: str
    a: Estimate
    b: Estimate
    difference: float | None
    low: float | None = None
    high: float | None = None
    inner: tuple[float, float] | None = None
    p_value: float | None = None
    adjusted: float | None = None
    n: int
    discordant: int | None = None
    method: str
    verdict: PairVerdict = PairVerdict.UNDEFINED
    is_within: bool = False
    is_approximate: bool = False
    reason: str | None = None

    @property
    def words(self) -> str:
        """The verdict, with what it rests on where nothing is shown."""
        if self.verdict is PairVerdict.NONE and self.discordant is not None:
            return f"{tr(self.verdict)}: {_differing(self.discordant)}"
        if self.is_shown and self.is_within:
            return tr("{verdict}, within the tolerance", verdict=tr(self.verdict))
        return tr(str(self.verdict))

    @property
    def is_shown(self) -> bool:
        """Whether a difference is shown."""
        return self.verdict in SHOWN

    @property
    def matters(self) -> bool:
        """Whether a difference is shown, and may be larger than the tolerance."""
        return self.is_shown and not self.is_within

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "a": self.a.value,
            "b": self.b.value,
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
            "adjusted_p": self.adjusted,
            "n": self.n,
            "discordant": self.discordant,
            "method": self.method,
            "verdict": str(self.verdict),
            "within_tolerance": self.is_within,
            "approximate": self.is_approximate,
            "reason": self.reason,
        }


def judged(
    families: Sequence[Sequence[PairedMetric]], *, tolerance: float, min_n: int = DEFAULT_MIN_N
) -> list[tuple[PairedMetric, ...]]:
    """Reach the verdicts about everything that is looked at together.

    Parameters
    ----------
    families : sequence of sequence of PairedMetric
        For example the numbers of each candidate against the present model: Holm counts all of them, but for those
        that say the same as another one (the false negative rate and recall).
    tolerance : float
        A difference of shares that does not matter, in (0, 1).
    min_n : int
        Fewest rows that anything is said about.

    Returns
    -------
    list of tuple of PairedMetric
        The same, with ``adjusted`` and ``verdict``.
    """
    names = [{m.metric for m in family} for family in families]
    tested = [
        (i, m.metric, m.p_value)
        for i, family in enumerate(families)
        for m in family
        if m.p_value is not None and _stands_for(m.metric, names[i]) == m.metric
    ]
    found = holm_of_all(np.array([p for *_, p in tested], dtype=np.float64))
    by_place = {(i, name): float(p) for (i, name, _), p in zip(tested, found, strict=True)}
    return [
        tuple(
            _judged(m, by_place.get((i, _stands_for(m.metric, names[i]))), tolerance, min_n) for m in family
        )
        for i, family in enumerate(families)
    ]


def _differing(n: int) -> str:
    if n == 1:
        return tr("1 decision differs")
    return tr("{n} decisions differ", n=f"{n:,}") if n else tr("no decision differs")


def _stands_for(metric: str, others: Collection[str]) -> str:
    """Return the number that says what another one says, where both are looked at."""
    original = MIRRORS.get(metric, metric)
    return original if original in others else metric


def _judged(one: PairedMetric, adjusted: float | None, tolerance: float, min_n: int) -> PairedMetric:
    if one.p_value is None:
        adjusted = None
    is_within = one.n >= min_n and _is_within(one, tolerance)
    verdict = _verdict(one, adjusted, min_n, is_within=is_within)
    return replace(one, adjusted=adjusted, verdict=verdict, is_within=is_within)


def _verdict(one: PairedMetric, adjusted: float | None, min_n: int, *, is_within: bool) -> PairVerdict:
    if one.difference is None:
        return PairVerdict.UNDEFINED
    if one.n < min_n:
        return PairVerdict.TOO_FEW
    if adjusted is None:
        return PairVerdict.UNTESTED if one.reason == WEIGHTED else PairVerdict.TOO_FEW
    if adjusted >= ALPHA or one.low is None or one.high is None or one.low <= 0.0 <= one.high:
        return PairVerdict.EQUIVALENT if is_within else PairVerdict.NONE
    return _shown(one.metric, one.difference)


def _is_within(one: PairedMetric, tolerance: float) -> bool:
    """Say whether the difference is shown to be smaller than the tolerance (two one-sided tests)."""
    if METRICS[one.metric].family not in _SHARES or one.inner is None:
        return False
    return -tolerance < one.inner[0] and one.inner[1] < tolerance


def _shown(metric: str, difference: float) -> PairVerdict:
    is_up = difference > 0
    if metric in _NEUTRAL or METRICS[metric].direction == "neutral":
        return PairVerdict.HIGHER if is_up else PairVerdict.LOWER
    return PairVerdict.BETTER if is_up == (METRICS[metric].direction == "higher") else PairVerdict.WORSE
