"""Promises about approvals and refusals apart, to everybody or to each of several groups: review-band.md section 10."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.review._sequence import fixed_sequence
from rai_dash.review.nested import BandCounts
from rai_dash.review.promise import DELTA, Guarantee, check_chances


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What may be promised on one side of the band.

    Parameters
    ----------
    chains : mapping of str to Guarantee
        One chain a group: the share of bad among its approved, or of good among its declined.
    found : int or None
        The last band that passed in the chain of every group.
    reason : str or None
        Why there is none.
    """

    chains: Mapping[str, Guarantee]
    found: int | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSided:
    """Promises about approvals and refusals that hold together.

    Parameters
    ----------
    delta : float
        Chance that any of the promises is broken, at most.
    delta_each : float
        Its part for each chain, ``delta / (2 groups)``.
    approvals, refusals : Side
        Of the upper and of the lower end.
    band : ReviewBand
        An end is open (nothing is decided automatically there) where nothing may be promised.
    certified : bool
        Whether an end may be promised.
    """

    delta: float
    delta_each: float
    approvals: Side
    refusals: Side
    band: ReviewBand
    certified: bool

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values; undefined = None."""
        sides = {
            name: {
                "found": side.found,
                "reason": side.reason,
                "groups": {group: chain.to_json() for group, chain in side.chains.items()},
            }
            for name, side in (("approvals", self.approvals), ("refusals", self.refusals))
        }
        band = {"lo": self.band.lo, "threshold": self.band.threshold, "hi": self.band.hi}
        return {
            "method": "fixed_sequence", "delta": self.delta, "delta_each": self.delta_each, "band": band,
            "certified": self.certified, **sides,
        }  # fmt: skip


def two_sided(
    groups: Mapping[str, BandCounts], *, alpha_approve: float, alpha_refuse: float, delta: float = DELTA
) -> TwoSided:
    """Run a chain for approvals, which moves the upper end, and one for refusals, which moves the lower end.

    Parameters
    ----------
    groups : mapping of str to BandCounts
        All with the same bands, the safest first; one entry for a promise about everybody.
    alpha_approve : float
        Promised share of unfavourable outcomes among the approved.
    alpha_refuse : float
        Promised share of favourable outcomes among the declined.
    delta : float
        Chance that one of the promises is broken, at most; each chain gets ``delta / (2 groups)``.

    Returns
    -------
    TwoSided
        One band for everybody. A promise to each group stands where the band passed in the chain of every group.

    Raises
    ------
    InvalidChoice
        When there is no group, the groups have different bands, or the bands different thresholds.
    """
    check_chances(alpha=alpha_approve, delta=delta)
    lists = {counts.bands for counts in groups.values()}
    thresholds = {band.threshold for bands in lists for band in bands}
    if len(lists) != 1 or len(thresholds) != 1:
        msg = tr(
            "Every group needs the same list of bands around one threshold. Count all of them with one list."
        )
        raise InvalidChoice(msg)
    (bands,), (threshold,) = lists, thresholds
    each = delta / (2 * len(groups))
    approvals = _side(
        {
            name: fixed_sequence(c.approved_bad, c.approved, alpha=alpha_approve, delta=each, bands=bands)
            for name, c in groups.items()
        }
    )
    refusals = _side(
        {
            name: fixed_sequence(c.declined_good, c.declined, alpha=alpha_refuse, delta=each, bands=bands)
            for name, c in groups.items()
        }
    )
    lo = None if refusals.found is None else bands[refusals.found].lo
    hi = None if approvals.found is None else bands[approvals.found].hi
    return TwoSided(
        delta=delta, delta_each=each, approvals=approvals, refusals=refusals,
        band=ReviewBand(lo, threshold, hi), certified=lo is not None or hi is not None,
    )  # fmt: skip


def _side(chains: Mapping[str, Guarantee]) -> Side:
    """Find the last band that passed in every chain."""
    passed = [
        {i for i, p in enumerate(chain.p_values) if p is not None and p <= (chain.delta or 0.0)}
        for chain in chains.values()
    ]
    common = set.intersection(*passed)
    if common:
        return Side(chains=chains, found=max(common), reason=None)
    alone = len(chains) == 1
    none = [f"{'' if alone else f'{name}: '}{c.reason}" for name, c in chains.items() if c.found is None]
    no_common = tr(
        "No band passed for every group: those that passed for one decide too few rows of another, or failed."
    )
    return Side(chains=chains, found=None, reason=" ".join(none) or no_common)
