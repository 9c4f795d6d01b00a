"""What may be promised about a band, by the way that was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.report.band_choices import BandChoices
from rai_dash.report.band_rows import BandRows
from rai_dash.review.guarantee import (
    Guarantee,
    Positions,
    draw_parts,
    fixed,
    fixed_sequence,
    picked,
    sgr,
    split,
)
from rai_dash.review.nested import nested_bands


def promise_of(rows: BandRows, choices: BandChoices) -> Guarantee:
    """Say what may be promised about the user's own band, or about a list of bands fixed beforehand.

    Raises
    ------
    InvalidChoice
        When it is asked for a split, and nothing is chosen.
    """
    band, alpha, delta = choices.band, choices.alpha, choices.delta
    if choices.promise == "split":
        msg = tr(
            "Nothing is chosen when one band is evaluated, so there is nothing to split for. Use fixed, or "
            "optimise."
        )
        raise InvalidChoice(msg)
    if choices.promise == "sequence" and alpha is not None:
        bands = nested_bands(band.threshold)
        counts = rows.automatic(bands)
        return fixed_sequence(counts.k, counts.n, alpha=alpha, delta=delta, bands=bands)
    if choices.promise == "sgr" and alpha is not None:
        return sgr(rows.score, rows.outcome, threshold=band.threshold, alpha=alpha, delta=delta)
    if choices.promise is None:
        return picked_of(rows, choices, band)
    k, n = _errors(rows, band)
    return fixed(k, n, alpha=alpha, delta=delta, band=band)


def picked_of(rows: BandRows, choices: BandChoices, band: ReviewBand) -> Guarantee:
    """Judge a band that was found on these rows: never certified."""
    k, n = _errors(rows, band)
    return picked(k, n, alpha=choices.alpha, delta=choices.delta, band=band)


def halves(rows: BandRows, choices: BandChoices) -> tuple[int, Positions, Positions]:
    """Draw the rows to choose a band on, and those to judge it on; the same for the same data and choices.

    Returns
    -------
    seed : int
        Of the draw.
    first, second : int (about n_judged / 2,)
        Positions among the judged rows.
    """
    dataset = rows.judgement.data.dataset
    asked = [
        dataset.fingerprint,
        dataset.roles_fingerprint,
        choices.costs.to_json(),
        choices.limits,
        choices.step,
    ]
    seed = int(fingerprint_value(asked)[:8], 16)
    return seed, *draw_parts(rows.score.size, seed=seed)


def split_of(rows: BandRows, choices: BandChoices, band: ReviewBand | None, *, seed: int) -> Guarantee:
    """Judge a band that was chosen on the first of the `halves` by the second."""
    first = halves(rows, choices)[1]

    def choose(score: NDArray[np.float64], _: NDArray[np.int8]) -> ReviewBand | None:
        # Were these other rows than the band was chosen on, there would be nothing to promise.
        return band if np.array_equal(score, rows.score[first], equal_nan=True) else None

    return split(rows.score, rows.outcome, choose, seed=seed, alpha=choices.alpha, delta=choices.delta)


def some_rows(rows: BandRows, positions: Positions) -> BandRows:
    """Take some of the judged rows in memory, for counting."""
    return replace(
        rows,
        whole=None,
        decided=None,
        score=rows.score[positions],
        outcome=rows.outcome[positions],
        weight=None if rows.weight is None else rows.weight[positions],
        amount=None if rows.amount is None else rows.amount[positions],
        decision=None if rows.decision is None else rows.decision[positions],
        indices={name: replace(index, codes=index.codes[positions]) for name, index in rows.indices.items()},
    )


def _errors(rows: BandRows, band: ReviewBand) -> tuple[int, int]:
    """Count automatic errors and automatic decisions with a known outcome."""
    counts = rows.automatic([band])
    return int(counts.k[0]), int(counts.n[0])
