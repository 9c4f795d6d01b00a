"""How far the numbers of bands, and what sets bands apart, could have come out otherwise: review-band.md section 12."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.estimates import plain
from rai_dash.core.review_cube import ReviewCube, edges_of
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.review._constraint_words import COST, GAP
from rai_dash.review._cubes import first_of_same
from rai_dash.review._sampled import Number, SampledBand, all_numbers, sampled_band
from rai_dash.review._samples import BandRows, Samples, draw_samples, whole, why_not
from rai_dash.review.gaps import GAPS, eligible_groups
from rai_dash.review.people import column_of_pairs
from rai_dash.review.settings import BandCosts, Reviewer
from rai_dash.stats.bootstrap import errors_of_gap, percentile_interval

FloatArray = NDArray[np.float64]

__all__ = ["MOST_BANDS", "BandRows", "BandSpreads", "Number", "Spread", "band_spreads"]

MOST_BANDS = 4
_LEVEL = 0.95
_DEFAULT_REVIEWER, _NO_COSTS = Reviewer(), BandCosts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One number, or one difference, with its bootstrap interval.

    Parameters
    ----------
    value : float or None
        As seen; None = undefined.
    low, high : float or None
        95 % limits; None = undefined, in the data or in every sample, or not known for a ``reason``.
    dropped : int
        Samples in which the number is undefined; they are left out.
    reason : str or None
        Why nothing could be drawn.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    dropped: int = 0
    reason: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        out: dict[str, object] = {"value": self.value, "low": self.low, "high": self.high}
        out["dropped_replicates"] = self.dropped
        return out if self.reason is None else out | {"interval_reason": self.reason}


Spreads = dict[Number, Spread]


@dataclass(frozen=True, slots=True, kw_only=True)
class BandSpreads:
    """Numbers of up to four bands on the same bootstrap samples; made by `band_spreads`.

    Parameters
    ----------
    bands : tuple of ReviewBand
        The first is the one that the others are compared with.
    values : tuple of dict of Number to Spread
        One a band. Limits of a rate, a cost or a ratio are percentiles. Limits of a gap are the gap plus and minus what
        the largest error of any difference stays under in 95 % of the samples (`errors_of_gap`): percentiles of a gap
        lie above 0 even where groups are alike.
    differences : tuple of dict of Number to Spread
        One a band: its number minus that of the first band, with percentiles of that on the same samples. Empty for
        the first.
    n_samples : int
        Samples drawn; 0 = none could be.
    """

    bands: tuple[ReviewBand, ...]
    values: tuple[Spreads, ...]
    differences: tuple[Spreads, ...]
    n_samples: int

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values; undefined = None, never NaN."""
        bands = [
            {"lo": band.lo, "t": band.threshold, "hi": band.hi}
            | {"values": _listed(values), "differences": _listed(differences)}
            for band, values, differences in zip(self.bands, self.values, self.differences, strict=True)
        ]
        return {"replicates": self.n_samples, "bands": bands}


def _listed(spreads: Spreads) -> list[dict[str, object]]:
    """Return numbers with their limits as plain values."""
    return [
        {"metric": n.metric, "column": n.column, "groups": list(n.groups)} | spread.to_json()
        for n, spread in spreads.items()
    ]


def band_spreads(
    cubes: Mapping[str, ReviewCube],
    bands: Sequence[ReviewBand],
    *,
    numbers: Iterable[Number] | None = None,
    reviewer: Reviewer = _DEFAULT_REVIEWER,
    costs: BandCosts = _NO_COSTS,
    min_n: int = 30,
    rows: Mapping[str, BandRows] | None = None,
    replicates: int = 1000,
    seed: int = 1,
) -> BandSpreads:
    """Bootstrap the numbers of one band, or of up to four on the same samples.

    Without weights the cells are drawn, whatever the number of rows. Weights need ``rows``, and so does a cost that
    depends on amounts; without them these numbers have no interval, with the reason.

    Parameters
    ----------
    cubes : mapping of str to ReviewCube
        The same rows by sensitive column, or one cube of everyone under ``""``.
    bands : sequence of ReviewBand
        One to four. All cuts must be among the edges.
    numbers : iterable of Number, optional
        By default every share of everyone, the cost, and every gap and ratio of every column.
    reviewer, costs, min_n
        As of `evaluate`. Groups are compared if they are large enough in the data, whatever a sample holds.
    rows : mapping of str to BandRows, optional
        What the cubes were counted from, by column.
    replicates, seed : int
        Samples, and what makes them the same again. Of many rows fewer are drawn, at least 200.

    Raises
    ------
    InvalidChoice
        As of `evaluate`; when there is no band, or more than four; when ``rows`` are not those of the cubes.
    """
    first_of_same(cubes)
    if not 1 <= len(bands) <= MOST_BANDS:
        msg = tr(
            "One to {most_bands} bands can be compared, got {bands}.", most_bands=MOST_BANDS, bands=len(bands)
        )
        raise InvalidChoice(msg)
    pairs = column_of_pairs(cubes, reviewer)
    base = next(iter(cubes)) if pairs is None else pairs
    asked = all_numbers(cubes, pairs) if numbers is None else tuple(numbers)
    edges = edges_of(*bands)
    values: list[Spreads] = [{} for _ in bands]
    differences: list[Spreads] = [{} for _ in bands]
    n_samples = 0
    for column in dict.fromkeys(_column_of(number, cubes, base) for number in asked):
        part = _Part(
            cube=cubes[column].on(edges),
            numbers=tuple(number for number in asked if _column_of(number, cubes, base) == column),
            eligible=eligible_groups(cubes[column], min_n)[0],
            reviewer=reviewer if pairs in {None, column} else None,
            prices=costs,
        )
        drawn, reasons = part.draw((rows or {}).get(column), replicates=replicates, seed=seed)
        n_samples = max(n_samples, 0 if drawn is None else len(drawn))
        judged = [part.judge(band, drawn, reasons) for band in bands]
        for k, one in enumerate(judged):
            values[k] |= one.spreads()
            if k:
                differences[k] |= one.minus(judged[0])
    return BandSpreads(
        bands=tuple(bands), values=tuple(values), differences=tuple(differences), n_samples=n_samples
    )


def _column_of(number: Number, cubes: Mapping[str, ReviewCube], base: str) -> str:
    """Return the column whose cube a number is made of."""
    if number.metric not in GAPS and not number.groups:
        return base
    names = [name for name, cube in cubes.items() if cube.column]
    column = names[0] if number.column is None and len(names) == 1 else number.column
    if column not in names:
        msg = tr(
            "`{metric}` needs a sensitive column of these data: {names}.",
            metric=number.metric,
            names=", ".join(names) or tr("there is none"),
        )
        raise InvalidChoice(msg)
    return column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """What is asked of one cube."""

    cube: ReviewCube
    numbers: tuple[Number, ...]
    eligible: NDArray[np.bool_]
    reviewer: Reviewer | None
    prices: BandCosts

    def draw(
        self, rows: BandRows | None, *, replicates: int, seed: int
    ) -> tuple[Samples | None, dict[Number, str]]:
        """Draw samples, and say of which numbers there can be none and why."""
        costly = [n for n in self.numbers if n.metric == COST and self.prices.needs_amount]
        no_rows = why_not(self.cube, rows, needs_rows=True)
        needs_rows = bool(costly) and no_rows is None
        reason = why_not(self.cube, rows, needs_rows=needs_rows)
        if reason is not None:
            return None, dict.fromkeys(self.numbers, reason)
        drawn = draw_samples(self.cube, rows, replicates=replicates, seed=seed, needs_rows=needs_rows)
        return drawn, {} if no_rows is None else dict.fromkeys(costly, no_rows)

    def judge(self, band: ReviewBand, drawn: Samples | None, reasons: Mapping[Number, str]) -> _Judged:
        """Compute the numbers of one band, as seen and in the samples."""
        seen = self._band(whole(self.cube), band)
        sampled = None if drawn is None else self._band(drawn, band)
        kept = [n for n in self.numbers if n not in reasons]
        return _Judged(
            seen={n: float(seen.number(n)[0]) for n in self.numbers},
            drawn={} if sampled is None else {n: sampled.number(n) for n in kept},
            errors={} if sampled is None else {n: _errors(n, seen, sampled) for n in kept if _is_gap(n)},
            reasons=reasons,
        )

    def _band(self, samples: Samples, band: ReviewBand) -> SampledBand:
        """Route samples."""
        return sampled_band(samples, band, reviewer=self.reviewer, prices=self.prices, eligible=self.eligible)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """Numbers of one band, as seen and in samples.

    Parameters
    ----------
    seen : mapping of Number to float
        NaN = undefined.
    drawn : mapping of Number to float64 (samples,)
        Without the numbers that have a reason.
    errors : mapping of Number to float64 (samples,)
        Of gaps: the largest error of any difference.
    reasons : mapping of Number to str
        Why there are no samples of a number.
    """

    seen: Mapping[Number, float]
    drawn: Mapping[Number, FloatArray]
    errors: Mapping[Number, FloatArray]
    reasons: Mapping[Number, str]

    def spreads(self) -> Spreads:
        """Return every number with its limits."""
        found = _percentiles(self.seen, self.drawn, self.reasons)
        for number, errors in self.errors.items():
            value, defined = found[number].value, errors[np.isfinite(errors)]
            if value is None:
                continue
            low = high = None
            if defined.size:
                wide = float(np.quantile(defined, _LEVEL))
                low, high = max(0.0, value - wide), min(1.0, value + wide)
            found[number] = Spread(value=value, low=low, high=high, dropped=errors.size - defined.size)
        return found

    def minus(self, other: _Judged) -> Spreads:
        """Return every number less that of another band, with limits from the same samples."""
        seen = {n: value - other.seen[n] for n, value in self.seen.items()}
        drawn = {n: values - other.drawn[n] for n, values in self.drawn.items()}
        return _percentiles(seen, drawn, self.reasons)


def _percentiles(
    seen: Mapping[Number, float], drawn: Mapping[Number, FloatArray], reasons: Mapping[Number, str]
) -> Spreads:
    """Give numbers the percentiles of their samples."""
    found = {n: Spread(value=plain(value), reason=reasons.get(n)) for n, value in seen.items()}
    if drawn:
        low, high, dropped = percentile_interval(np.stack(list(drawn.values())).T, level=_LEVEL)
        for i, number in enumerate(drawn):
            value = found[number].value
            limits = (None, None) if value is None else (plain(low[i]), plain(high[i]))
            found[number] = Spread(value=value, low=limits[0], high=limits[1], dropped=int(dropped[i]))
    return found


def _is_gap(number: Number) -> bool:
    """Whether a number is a difference of groups."""
    return number.metric in GAPS and GAPS[number.metric][1] == GAP


def _errors(number: Number, seen: SampledBand, sampled: SampledBand) -> FloatArray:
    """Return how far any difference between the compared groups lies at most from what was seen."""
    values, drawn = seen.compared(number)[:, 0], sampled.compared(number)
    is_defined = np.isfinite(values)
    if is_defined.sum() < 2:
        return np.full(drawn.shape[1], np.nan)
    return errors_of_gap(values[is_defined], drawn[is_defined].T)
