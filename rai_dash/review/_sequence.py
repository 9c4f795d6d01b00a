"""Rules that go through a list of bands, the safest first: review-band.md section 10."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.texts import mark, tr
from rai_dash.core.types import ReviewBand
from rai_dash.core.words import percent
from rai_dash.review.promise import (
    DELTA,
    HONEST_PICKED,
    PICKED,
    Guarantee,
    check_chances,
    checked_counts,
    fewest_rows,
    rows_needed,
    too_high,
)
from rai_dash.stats.binomial import tail_p, upper_limit

IntArray = NDArray[np.int64]
Bands = Sequence[ReviewBand]
_HONEST_SEQUENCE = mark("The bands and their order were fixed before these rows were seen.")
_HONEST_CRC = mark(
    "It promises only the mean of errors per application over many such samples, nothing about this "
    "band: it is never shown as a guarantee."
)


def fixed_sequence(
    k: ArrayLike, n: ArrayLike, *, alpha: float, delta: float = DELTA, bands: Bands | None = None
) -> Guarantee:
    """Test bands in an order fixed beforehand until one fails; the last that passed may be promised.

    Parameters
    ----------
    k, n : int64 (bands,)
        The safest band (most review) first.
    alpha, delta : float
        The share to be promised, and the chance that the promise is broken, at most.
    bands : sequence of ReviewBand, optional
        One comes back with the answer.

    Returns
    -------
    Guarantee
        Bands with fewer rows than `fewest_rows` are skipped: not even without an error could they pass. Since that
        depends on scores and on whether outcomes are known, not on the outcomes, the promise stands.

    References
    ----------
    Angelopoulos, A. N. et al. (2021). Learn then test: calibrating predictive algorithms to achieve risk control.
    arXiv:2110.01052. Bauer, P. (1991). Multiple testing in clinical trials. Statistics in Medicine 10, 871-890.

    Examples
    --------
    >>> found = fixed_sequence([0, 1, 5, 40], [10, 60, 120, 300], alpha=0.10)
    >>> found.found, [p is None for p in found.p_values]
    (2, [True, False, False, False])
    """
    check_chances(alpha=alpha, delta=delta)
    errors, rows = checked_counts(k, n)
    p_values: list[float | None] = [None] * errors.size
    found = failed = None
    for i in np.flatnonzero(rows >= fewest_rows(alpha, delta)):
        p = p_values[i] = float(tail_p(errors[i], rows[i], alpha))
        if p > delta:
            failed = int(i)
            break
        found = int(i)
    at = failed if found is None else found
    seen = (None, None) if at is None else (int(errors[at]), int(rows[at]))
    needed, reason = (None, None) if found is not None else _why_none(seen, rows, alpha=alpha, delta=delta)
    return Guarantee(
        method="fixed_sequence", alpha=alpha, delta=delta, k=seen[0], n=seen[1], looks=errors.size,
        bound=None if found is None else alpha, found=found,
        band=None if found is None or bands is None else bands[found], certified=found is not None,
        honest_when=tr(_HONEST_SEQUENCE), reason=reason, p_values=tuple(p_values), rows_needed=needed,
    )  # fmt: skip


def _why_none(
    seen: tuple[int, int] | tuple[None, None], rows: IntArray, *, alpha: float, delta: float
) -> tuple[int | None, str]:
    """Say why no band of a sequence passed, with the rows that it would take."""
    fewest = fewest_rows(alpha, delta)
    k, n = seen
    if k is None or n is None:
        most = int(rows.max(initial=0))
        return fewest, (
            tr(
                "No band decides {fewest} rows with a known outcome alone (at most {most}): even without one "
                "error fewer could not show a share of at most {alpha}.",
                fewest=f"{fewest:,}",
                most=f"{most:,}",
                alpha=percent(alpha),
            )
        )
    needed = rows_needed(k / n, alpha=alpha, delta=delta)
    bound = float(upper_limit(k, n, delta))
    return (
        needed,
        tr(
            "The safest band that could be tested failed: {k} of {n} wrong. {too_high}",
            k=f"{k:,}",
            n=f"{n:,}",
            too_high=too_high(bound, alpha, needed),
        ),
    )


def crc(k: ArrayLike, labelled: int, *, alpha: float, bands: Bands | None = None) -> Guarantee:
    """Control the mean of errors per application (conformal risk control): never a guarantee.

    Parameters
    ----------
    k : int64 (bands,)
        Automatic errors, the safest band first.
    labelled : int
        Rows with a known outcome, on any route.
    alpha : float
        Mean errors per application.
    bands : sequence of ReviewBand, optional
        One comes back with the answer.

    Returns
    -------
    Guarantee
        The last band of the unbroken run with ``(k + 1) / (labelled + 1) <= alpha``, not certified; ``bound`` is
        that number.

    References
    ----------
    Angelopoulos, A. N. et al. (2022). Conformal risk control. arXiv:2208.02814.
    """
    check_chances(alpha=alpha, delta=DELTA)
    errors, _ = checked_counts(k, np.full(np.shape(k), labelled))
    adjusted = (errors + 1) / (labelled + 1)
    run = int(np.argmin(np.append(adjusted <= alpha, False)))
    found = run - 1 if run else None
    return Guarantee(
        method="crc", alpha=alpha, delta=None, k=None if found is None else int(errors[found]), n=labelled,
        looks=errors.size, bound=None if found is None else float(adjusted[found]), found=found,
        band=None if found is None or bands is None else bands[found], certified=False,
        honest_when=tr(_HONEST_CRC), reason=tr(_HONEST_CRC),
    )  # fmt: skip


def best_looking(
    k: ArrayLike, n: ArrayLike, *, alpha: float, delta: float = DELTA, bands: Bands | None = None
) -> Guarantee:
    """Pick the band with least review whose errors seen are at most alpha: what a slider invites to, not certified.

    Parameters
    ----------
    k, n, alpha, delta, bands
        As of `fixed_sequence`.
    """
    check_chances(alpha=alpha, delta=delta)
    errors, rows = checked_counts(k, n)
    good = np.flatnonzero((rows > 0) & (errors / np.maximum(rows, 1) <= alpha))
    at = int(good[-1]) if good.size else None
    return Guarantee(
        method="picked", alpha=alpha, delta=delta, k=None if at is None else int(errors[at]),
        n=None if at is None else int(rows[at]), looks=errors.size,
        bound=None if at is None else float(upper_limit(errors[at], rows[at], delta)), found=at,
        band=None if at is None or bands is None else bands[at], certified=False, honest_when=tr(HONEST_PICKED),
        reason=tr(PICKED),
    )  # fmt: skip
