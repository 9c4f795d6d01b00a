"""What a metric is, what it is computed from, and the registry that finds them all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.estimates import Estimates, plain, reasons
from rai_dash.core.once import Once
from rai_dash.core.registry import Registry
from rai_dash.core.texts import ntr, tr
from rai_dash.core.types import Estimate
from rai_dash.metrics._confusion import Confusion, confusion
from rai_dash.stats.bootstrap import draw_counts, percentile_interval
from rai_dash.stats.shares import share_estimates

FloatArray = NDArray[np.float64]
Count = Callable[[Confusion], FloatArray]
Direction = Literal["higher", "lower", "neutral"]
Family = Literal["rate", "composite", "score", "ranking", "calibration", "cost"]

DEFAULT_MIN_N = 30
DEFAULT_BOOTSTRAP = 1000
#: Rows of the rarer class from which the percentile bootstrap of a composite covered 91 % or more, for error rates from
#: 0.05 to 0.95 and costs up to 20 : 1. Our simulation: tests/unit/metrics/test_composites_coverage.py repeats its worst
#: cells. It holds from 112 on, the rest is room for the error of simulating; 50 rows gave about 88 %, 30 about 73 %.
LEAST_OF_A_CLASS = 120

NO_FAVOURABLE = "no favourable applicant in this group"
NO_UNFAVOURABLE = "no unfavourable applicant in this group"
ONE_CLASS = "all applicants of this group have the same outcome, or none is known"
NOBODY_APPROVED = "nobody with a known outcome is approved"
NOBODY_REFUSED = "nobody with a known outcome is refused"
NO_JUDGED = "no applicant with a score and a known outcome in this group"
NO_SCORED = "no applicant with a score in this group"
NO_LABELLED = "no applicant with a known outcome in this group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the two errors and a review cost, in any one unit, and how well a person decides.

    Parameters
    ----------
    cost_fp, cost_fn : float
        An unfavourable applicant approved, a favourable one refused.
    cost_review : float
        A person's look at one application.
    approves_favourable, refuses_unfavourable : float
        Probability that the person decides rightly, by outcome; used for applications without score.
    """

    cost_fp: float
    cost_fn: float
    cost_review: float = 0.0
    approves_favourable: float = 0.9
    refuses_unfavourable: float = 0.9

    def __post_init__(self) -> None:
        """Refuse what is no cost, and what is no probability."""
        for name in ("cost_fp", "cost_fn", "cost_review"):
            if not 0.0 <= getattr(self, name) < math.inf:
                msg = tr(
                    "`{name}` is a cost, so {getattr} is not possible. Give a number from 0 up.",
                    name=name,
                    getattr=f"{getattr(self, name):g}",
                )
                raise InvalidChoice(msg)
        for name in ("approves_favourable", "refuses_unfavourable"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                msg = tr(
                    "`{name}` is a probability, so {getattr} is not possible. Give 0 to 1.",
                    name=name,
                    getattr=f"{getattr(self, name):g}",
                )
                raise InvalidChoice(msg)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetricInput:
    """What a metric may look at.

    Parameters
    ----------
    counts : GroupCounts
        For figures that do not depend on the threshold.
    sums, squares : Confusion
        The confusion table of each group in weights and in squared weights.
    costs : Costs or None
        For `expected_cost`.
    draws : Once of (Confusion or None)
        Bootstrap replicates (replicates, groups, 9), shared by all composites; None = no intervals.
    """

    counts: GroupCounts
    sums: Confusion
    squares: Confusion
    costs: Costs | None = None
    draws: Once[Confusion | None] = field(default_factory=lambda: Once(lambda: None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number a group.

    Parameters
    ----------
    name : str
        As in JSON, on the command line and in code.
    label, meaning : str
        As on a page, and one plain line about it.
    direction : str
        Which end is better; ``"neutral"`` where neither is.
    family : str
        ``"rate"`` (a share of rows), ``"composite"``, ``"score"``, ``"ranking"``, ``"calibration"``
        or ``"cost"``.
    compute : callable
        Turns a `MetricInput` into one number a group.
    """

    name: str
    label: str
    meaning: str
    direction: Direction
    family: Family
    compute: Callable[[MetricInput], Estimates]


METRICS: Registry[Metric] = Registry("metric", package="rai_dash.metrics", group="rai_dash.metrics")


def metric(
    name: str, *, label: str, meaning: str, direction: Direction, family: Family
) -> Callable[[Callable[[MetricInput], Estimates]], Callable[[MetricInput], Estimates]]:
    """Return a decorator that registers a function as a metric."""

    def decorate(compute: Callable[[MetricInput], Estimates]) -> Callable[[MetricInput], Estimates]:
        entry = Metric(
            name=name, label=label, meaning=meaning, direction=direction, family=family, compute=compute
        )
        METRICS.add(name, entry, home=compute.__module__)
        return compute

    return decorate


def rate(numerator: Count, denominator: Count, undefined: str) -> Callable[[MetricInput], Estimates]:
    """Return the function that computes a share of rows, with Wilson's interval."""

    def compute(given: MetricInput) -> Estimates:
        return share_estimates(
            numerator(given.sums),
            denominator(given.sums),
            squares=denominator(given.squares),
            undefined=undefined,
        )

    return compute


def composite(
    given: MetricInput,
    formula: Count,
    *,
    undefined: str,
    parts: tuple[FloatArray, FloatArray] | None = None,
    rests_on: FloatArray | None = None,
) -> Estimates:
    """Compute a number that is no share of rows, with the percentile interval of the count bootstrap.

    Parameters
    ----------
    given : MetricInput
        Its draws are made on first use.
    formula : callable
        Turns a confusion table into the number, NaN = undefined.
    undefined : str
        What to say where the number is undefined.
    parts : tuple of float64 (groups,), optional
        Numerator and denominator where the number has them.
    rests_on : float64 (groups,), optional
        Rows that decide how well the interval covers; None = those of the rarer class. With fewer than
        ``LEAST_OF_A_CLASS`` of them there is no interval, since it would claim too much.
    """
    value = formula(given.sums)
    nothing = np.full(value.shape, np.nan)
    low, high, dropped, no_interval = nothing, nothing, None, None
    draws = given.draws() if np.isfinite(value).any() else None
    if draws is not None:
        low, high, dropped = percentile_interval(formula(draws))
        fewest = (
            np.minimum(given.sums.tp + given.sums.fn, given.sums.fp + given.sums.tn)
            if rests_on is None
            else rests_on
        )
        no_interval = _no_interval(value, fewest, high - low)
        is_without = np.isnan(value) | np.array([reason is not None for reason in no_interval])
        low, high = (np.where(is_without, np.nan, end) for end in (low, high))
    numerator, denominator = (nothing, nothing) if parts is None else parts
    return Estimates(
        value=value, low=low, high=high, numerator=numerator, denominator=denominator, size=given.sums.judged,
        reason=reasons(value, undefined), dropped=dropped, no_interval=no_interval,
    )  # fmt: skip


def _no_interval(value: FloatArray, fewest: FloatArray, width: FloatArray) -> tuple[str | None, ...]:
    """Say of each group why its bootstrap interval would claim too much."""

    def why(one: float, rows: float, wide: float) -> str | None:
        if np.isnan(one):
            return None
        if rows < LEAST_OF_A_CLASS:
            return tr(
                "rests on {rows} applicants of one outcome, fewer than {least_of_a_class}",
                rows=f"{rows:,.0f}",
                least_of_a_class=LEAST_OF_A_CLASS,
            )
        return None if wide > 0 else tr("every resample of the rows gives the same number")

    return tuple(why(*parts) for parts in zip(value, fewest, width, strict=True))


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Divide, with NaN where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetricTable:
    """Metrics x groups at one threshold.

    Parameters
    ----------
    column : str
        The sensitive column; ``""`` for everyone.
    groups : tuple of str
        Names in display order.
    n : int64 (groups,)
        Rows, labelled or not, scored or not.
    positives, predicted_positives : float64 (groups,)
        Favourable labels, and approved applications (weights where there are weights).
    values : mapping of str to Estimates
        By metric name.
    min_n : int
        Groups with fewer rows are small: shown grey, left out of gaps.
    """

    column: str
    groups: tuple[str, ...]
    n: NDArray[np.int64]
    positives: FloatArray
    predicted_positives: FloatArray
    values: Mapping[str, Estimates]
    min_n: int = DEFAULT_MIN_N

    @property
    def small(self) -> NDArray[np.bool_]:
        """Which groups have too few rows to be compared, bool (groups,)."""
        return self.n < self.min_n

    def estimate(self, name: str, position: int) -> Estimate:
        """Return one metric of one group."""
        return self.values[name].at(position)

    def to_json(self, position: int) -> dict[str, object]:
        """Return everything about one group as plain values; undefined = None, never NaN."""
        head: dict[str, object] = {
            "n": int(self.n[position]),
            "positives": plain(self.positives[position]),
            "predicted_positives": plain(self.predicted_positives[position]),
        }
        return head | {name: values.to_json(position) for name, values in self.values.items()}


def metric_input(
    counts: GroupCounts, threshold: float, *, costs: Costs | None = None, bootstrap: int = 0, seed: int = 0
) -> MetricInput:
    """Cut the counts at a threshold; draws are made when a metric asks for them."""
    sums, squares = confusion(counts, threshold)

    def draws() -> Confusion | None:
        # With weights a draw of counts is no draw of rows: no interval rather than a wrong one.
        if bootstrap <= 0 or counts.is_weighted:
            return None
        cells = sums.cells.astype(np.int64)
        return Confusion(draw_counts(cells, replicates=bootstrap, seed=seed).astype(np.float64))

    return MetricInput(counts=counts, sums=sums, squares=squares, costs=costs, draws=Once(draws))


def build_table(given: MetricInput, *, min_n: int, metrics: Iterable[str] | None) -> MetricTable:
    """Compute some metrics, or all of them."""
    names = list(METRICS if metrics is None else metrics)
    unknown = [name for name in names if name not in METRICS]
    if unknown:
        msg = tr(
            "There is no metric {unknown}. Choose from: {metrics}.",
            unknown=f"{unknown[0]!r}",
            metrics=", ".join(sorted(METRICS)),
        )
        raise InvalidChoice(msg)
    return MetricTable(
        column=given.counts.column,
        groups=given.counts.groups,
        n=given.counts.n,
        positives=given.sums.favourable,
        predicted_positives=given.sums.selected,
        values={name: METRICS[name].compute(given) for name in names},
        min_n=min_n,
    )


def few_rows(n: int, least: int) -> str:
    """Say why a group is too small to be compared."""
    return ntr("{n} row, fewer than {least}", "{n} rows, fewer than {least}", n, n=f"{n:,}", least=least)
