"""What chance alone does, so that one number out of many that leaves its limits does not condemn a policy.

A breach of one line counts for the verdict of a batch only where a test of *nothing has moved* rejects it as well,
after Holm's adjustment for all lines that were judged. The tests allow for the signed figure's own rows. The figures of
everyone that a policy is signed for (routes, approval, error, prior) share one half of the level of 5 %, all details
the other, so that many columns do not drown the review rate.

References
----------
Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Stat. 6, 65-70.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Estimate
from rai_dash.govern.monitor.lines import HEADLINES, Line
from rai_dash.govern.monitor.states import State
from rai_dash.stats import drift
from rai_dash.stats.intervals import z_value
from rai_dash.stats.tests import fisher_against_rest, holm_of_all

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Chance that a batch in which nothing has moved is called a breach, over all of its lines.
ALPHA: Final = 0.05
#: A breach with a larger adjusted p-value is what chance gives every other batch: it is shown and asks nobody to look.
WATCH_ALPHA: Final = 0.5
#: Of a breach that is none of counts: the batch holds another kind of thing than was signed.
CERTAIN: Final = 0.0
#: Simulated pairs behind a p-value; enough for the smallest one that is asked for among 250 lines.
REPLICATES: Final = 20_000
_AT_A_TIME: Final = 2_000
#: With so many simulated pairs at least as far apart there is nothing left to find out.
_ENOUGH: Final = 40
_WITHIN: Final = mark("it may be chance among {n} lines")


def share_p(signed: Estimate, batch: Estimate, *, is_weighted: bool) -> float:
    """Return Fisher's exact two-sided p-value of two shares; with weights of their effective rows, and approximate."""
    sides = [_whole(one, is_weighted=is_weighted) for one in (batch, signed)]
    k, n = (np.array(part, np.int64) for part in zip(*sides, strict=True))
    return float(fisher_against_rest(k, n)[0])


def _whole(one: Estimate, *, is_weighted: bool) -> tuple[int, int]:
    n = effective_rows(one) if is_weighted else float(one.denominator or 0)
    share = one.value or 0.0
    return round(share * n), round(n)


def effective_rows(one: Estimate) -> float:
    """Return the effective number of rows of a share from its Wilson interval; 0 where there is none."""
    if one.value is None or one.low is None or one.high is None:
        return 0.0
    return rows_for(one.value, (one.high - one.low) / 2.0)


def rows_for(share: float, half: float) -> float:
    """Return the rows with which Wilson's 95 % interval of a share reaches ``half`` to each side of its middle.

    Notes
    -----
    With ``u = z**2 / n`` the half width h obeys ``h**2 (1 + u)**2 = p (1 - p) u + u**2 / 4``.
    """
    if half >= 0.5:
        return 0.0
    a, b, c = half**2 - 0.25, 2.0 * half**2 - share * (1.0 - share), half**2
    u = (-b - math.sqrt(b**2 - 4.0 * a * c)) / (2.0 * a)
    return z_value(0.95) ** 2 / u


def psi_p(then: IntArray, now: IntArray) -> float:
    """Return the chance of a PSI at least as large where nothing has moved.

    Both sides are drawn from their pooled shares, with a seed from the counts; a simulated p-value is never below one
    over the number of pairs.
    """
    seen = drift.psi(then, now)
    rng = np.random.default_rng(int(fingerprint_value(["psi", then.tolist(), now.tolist()])[:8], 16))
    share = (then + now) / (then.sum() + now.sum())
    done = larger = 0
    while done < REPLICATES and larger < _ENOUGH:
        sides = [rng.multinomial(int(side.sum()), share, size=_AT_A_TIME) for side in (then, now)]
        larger += int((_psi(*sides) >= seen - 1e-12).sum())
        done += _AT_A_TIME
    return (larger + 1) / (done + 1)


def _psi(then: IntArray, now: IntArray) -> FloatArray:
    p, q = (np.maximum(s / s.sum(axis=1, keepdims=True), drift.FLOOR) for s in (then, now))
    total: FloatArray = ((q - p) * np.log(q / p)).sum(axis=1)
    return total


def difference_p(signed: Estimate, batch: Estimate) -> float:
    """Return the two-sided p-value of a difference of two numbers with normal 95 % intervals."""
    errors = [
        (one.high - one.low) / (2.0 * z_value(0.95))
        for one in (signed, batch)
        if one.high is not None and one.low is not None
    ]
    if len(errors) < 2 or signed.value is None or batch.value is None or not any(errors):
        return 1.0
    return float(2.0 * ndtr(-abs(batch.value - signed.value) / math.hypot(*errors)))


def gap_p(signed: Sequence[tuple[float, float]], batch: Sequence[tuple[float, float]], rise: float) -> float:
    """Return the chance that a gap rises at least so much where no group has moved.

    Parameters
    ----------
    signed, batch : sequence of (k, n)
        Of the same groups; effective rows are taken as the next whole ones, for samples are drawn of them.
    rise : float
        Gap of the batch less that at signing.
    """
    given, of = (np.array([a, b], np.float64) for a, b in zip(_split(signed), _split(batch), strict=True))
    n = np.maximum(np.rint(of), 1.0)
    k = np.rint(given / of * n)
    rng = np.random.default_rng(int(fingerprint_value(["gap", k.tolist(), n.tolist()])[:8], 16))
    share = np.clip(k.sum(axis=0) / n.sum(axis=0), 0.0, 1.0)
    sides = [rng.binomial(side.astype(np.int64), share, size=(REPLICATES, share.size)) / side for side in n]
    before, after = (side.max(axis=1) - side.min(axis=1) for side in sides)
    return float(((after - before >= rise - 1e-12).sum() + 1) / (REPLICATES + 1))


def _split(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [k for k, _ in pairs], [n for _, n in pairs]


def allow_for_chance(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Adjust the p-values of all breaches for the lines that were judged, and mark those that may be chance."""
    found, judged = list(lines), [i for i, line in enumerate(lines) if line.state.is_judged]
    for is_headline in (True, False):
        places = [i for i in judged if (lines[i].family in HEADLINES) == is_headline]
        # Each half has half of the level, so its adjusted values count twice.
        adjusted = np.minimum(2.0 * holm_of_all(np.array([_p_of(lines[i]) for i in places])), 1.0)
        for i, p in zip(places, adjusted.tolist(), strict=True):
            line = lines[i]
            if line.state is not State.BREACH:
                continue
            is_chance = p > ALPHA
            why = tr(_WITHIN, n=len(judged)) if is_chance and line.reason is None else line.reason
            found[i] = replace(line, p_adjusted=p, within_chance=is_chance, reason=why)
    return tuple(found)


def _p_of(line: Line) -> float:
    return 1.0 if line.state is not State.BREACH or line.p_value is None else line.p_value
