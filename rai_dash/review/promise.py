"""What a promise about the automatic part says: its numbers, when it is honest, and the rows that it takes.

Definitions: review-band.md section 10. A promise is "at most a share alpha of what the machine decides alone is
wrong", and it may be broken with a chance of at most delta.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import ReviewBand
from rai_dash.core.words import percent, score_beside

IntArray = NDArray[np.int64]
DELTA = 0.05
#: Said wherever a band was moved on the rows that judge it.
PICKED = mark(
    "Not certified: picked on the same data. A band that was chosen while looking at these rows looks "
    "better on them than it is; certify it on other rows, or fix a list of bands beforehand."
)
HONEST_PICKED = mark("Never: the rows that judge the band also chose it.")
NOTHING_TO_COUNT = mark("Nobody with a known outcome is decided automatically.")
#: Said wherever the data have weights.
IGNORES_WEIGHTS = mark("The promise counts every row once: it ignores the weights.")
#: Chance that the rows asked for settle it; the same everywhere in the house.
POWER = 0.80
#: More rows than this are nobody's.
_MOST_ROWS = 10_000_000
_STEPS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """What may be promised, or why nothing may.

    Parameters
    ----------
    method : str
        ``fixed``, ``split``, ``picked``, ``union``, ``fixed_sequence``, ``sgr`` or ``crc``.
    alpha : float or None
        The share of errors asked for; None where only a limit was asked for.
    delta : float or None
        Chance that a promise made in this way is broken, at most; None for ``crc``, which promises a mean.
    k, n : int or None
        Errors and rows behind the promise: automatic decisions with a known outcome, unweighted (``crc``: all rows
        with a known outcome). They are those of the band found, else those of the band that failed.
    looks : int
        Bands that were, or could have been, looked at.
    bound : float or None
        "At most this share is wrong". It is alpha for ``fixed_sequence``, whose promise has no other number; None
        where nothing was tested.
    found : int or None
        Position of the band in the list that was handed in; None where there is none.
    band : ReviewBand or None
        That band, where bands were handed in.
    certified : bool
        Whether the promise may be made.
    honest_when : str
        The condition that the method rests on and nobody can check from the numbers.
    reason : str or None
        Why it is not certified; None where it is.
    p_values : tuple of (float or None)
        One a band for ``fixed_sequence``: None = too few rows to be tested, or after the end of the chain.
    theta, coverage : float or None
        ``sgr`` only: decided automatically are the scores at least this far from the threshold, a share of the rows.
    rows_needed : int or None
        Automatic decisions with a known outcome that would settle it, see `rows_needed`; None where it is certified
        or no number of rows would.
    """

    method: str
    alpha: float | None
    delta: float | None
    k: int | None
    n: int | None
    looks: int
    bound: float | None
    found: int | None
    band: ReviewBand | None
    certified: bool
    honest_when: str
    reason: str | None
    p_values: tuple[float | None, ...] = ()
    theta: float | None = None
    coverage: float | None = None
    rows_needed: int | None = None

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values; undefined = None."""
        band = self.band
        cuts = None if band is None else {"lo": band.lo, "threshold": band.threshold, "hi": band.hi}
        names = (
            "method", "alpha", "delta", "k", "n", "looks", "bound", "found", "certified", "honest_when", "reason",
            "theta", "coverage", "rows_needed",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names} | {"band": cuts, "p_values": list(self.p_values)}


def check_chances(*, alpha: float | None, delta: float) -> None:
    """Refuse a promise or a doubt that is not strictly between 0 and 1.

    Raises
    ------
    InvalidChoice
        Naming the one that is out of range.
    """
    for name, value in ((tr("promised share of errors"), alpha), (tr("chance of a broken promise"), delta)):
        if value is not None and not 0.0 < value < 1.0:
            msg = tr(
                "The {name} must lie between 0 and 1, got {value}. Use 0.05 for 5 %.", name=name, value=value
            )
            raise InvalidChoice(msg)


def checked_counts(k: ArrayLike, n: ArrayLike) -> tuple[IntArray, IntArray]:
    """Read errors and rows of some bands, or refuse what cannot have been counted."""
    errors, rows = np.asarray(k), np.asarray(n)
    if errors.shape != rows.shape or ((errors < 0) | (errors > rows)).any():
        msg = tr("Errors must be counted among the rows of the same band: give 0 <= k <= n for each band.")
        raise InvalidChoice(msg)
    return errors.astype(np.int64), rows.astype(np.int64)


def fewest_rows(alpha: float, delta: float) -> int:
    """Return the rows below which not even a band without any error could pass, n_min of section 10.

    Examples
    --------
    >>> fewest_rows(0.10, 0.05)
    29
    """
    check_chances(alpha=alpha, delta=delta)
    return math.ceil(math.log(delta) / math.log1p(-alpha) - 1e-12)


def rows_needed(error: float, *, alpha: float, delta: float = DELTA, power: float = POWER) -> int | None:
    """Return how many automatic decisions with a known outcome a promise would need.

    Parameters
    ----------
    error : float
        The share of errors seen, taken for the truth.
    alpha : float
        The share to be promised.
    delta : float
        As of `Guarantee`.
    power : float
        Chance that so many rows pass the test. With rows at which the share seen would just pass, it is a coin's.

    Returns
    -------
    int or None
        The smallest n of a band fixed beforehand with P(Bin(n, error) <= c) >= power, where c is the largest number
        of errors that passes; None where the error is not below alpha or it takes more than ten million rows.

    Examples
    --------
    >>> rows_needed(0.05, alpha=0.10)
    179
    """
    check_chances(alpha=alpha, delta=delta)
    if not 0.0 <= error < alpha:
        return None
    return _rows_at(error, alpha=alpha, delta=delta, power=power)


def _rows_at(error: float, *, alpha: float, delta: float, power: float) -> int | None:
    """Search the number of errors that may happen; for each there is one smallest number of rows."""
    from scipy.stats import binom, nbinom

    def rows(allowed: IntArray) -> IntArray:
        # P(Bin(n, alpha) <= k) is the chance that error k + 1 comes after row n.
        fewest: IntArray = (allowed + 1 + nbinom.isf(delta, allowed + 1, alpha)).astype(np.int64)
        return fewest

    def passes(allowed: IntArray) -> NDArray[np.bool_]:
        enough: NDArray[np.bool_] = binom.cdf(allowed, rows(allowed), error) >= power
        return enough

    below, above = -1, 1
    while not passes(np.array([above]))[0]:
        below, above = above, above * 2
        if rows(np.array([above]))[0] > _MOST_ROWS:
            return None
    while above - below > _STEPS:
        middle = (below + above) // 2
        below, above = (below, middle) if passes(np.array([middle]))[0] else (middle, above)
    # The chance rises with small steps back, so that the last stretch is searched one by one.
    last = np.arange(max(0, below - _STEPS), above + 1)
    needed = int(rows(last)[int(np.argmax(passes(last)))])
    return needed if needed <= _MOST_ROWS else None


def too_high(bound: float, alpha: float, needed: int | None) -> str:
    """Say that the limit lies above what was asked for, and what would help."""
    help_ = (
        tr("its own share of errors is not below that, or hardly, so that more rows would not help")
        if needed is None
        else tr(
            "with this share of errors it takes about {needed} automatic decisions with a known outcome",
            needed=f"{needed:,}",
        )
    )
    return tr(
        "Up to {score_beside} may be wrong, more than the {alpha} asked for; {help}.",
        score_beside=score_beside(bound, alpha),
        alpha=percent(alpha),
        help=help_,
    )
