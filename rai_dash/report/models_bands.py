"""What each candidate costs at its own cheapest review band, with the same people, costs and limits for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import plain
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.review_cube import edges_of
from rai_dash.core.types import UNKNOWN, ReviewBand
from rai_dash.metrics.paired_draws import WEIGHTED
from rai_dash.metrics.paired_means import PairedMean, paired_mean
from rai_dash.report.band_choices import BandChoices
from rai_dash.report.band_json import optimise_band
from rai_dash.report.band_rows import BandRows, judged_rows
from rai_dash.report.models_found import Candidate, ModelComparison
from rai_dash.review._constraint_words import COST
from rai_dash.review.conditions import Condition, hold
from rai_dash.review.evaluate import evaluate
from rai_dash.review.people import column_of_pairs
from rai_dash.review.row_costs import Cases, row_costs

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class BandAsked:
    """What the bands of all candidates are judged by.

    Parameters
    ----------
    choices : BandChoices
        Reviewer, costs, limits and grid; the band of each candidate starts at its own threshold.
    human : str or None
        Column with recorded decisions, used instead of the assumed accuracy where ``choices.reviewer`` says so.
    human_approve : tuple of str
        Its values that mean approved.
    always : tuple of Condition
        What always sends an application to a person; frozen.
    """

    choices: BandChoices
    human: str | None = None
    human_approve: tuple[str, ...] = ()
    always: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BestBand:
    """One candidate at its cheapest band; None = undefined.

    Parameters
    ----------
    key : str
        Of the model.
    band : ReviewBand or None
        None = no band keeps the limits.
    cost : float or None
        Of an application with a known outcome, reviews included.
    review_rate, auto_error_rate, post_error_rate : float or None
        Share sent to a person, share of automatic decisions that are wrong, and share wrong after the person.
    threshold_cost : float or None
        The cost with the threshold alone and nobody looking.
    limits_kept : bool
        Whether the limits hold at that band.
    caution : str
        What may be promised about a band that was found on these rows.
    blocked : str
        Why there is no band.
    cost_difference : PairedMean or None
        Cost less that of the model used now at its own cheapest band, application by application. Both bands were
        picked on these rows, so that it is optimistic about both. None for the model used now, and without a band.
    """

    key: str
    band: ReviewBand | None
    cost: float | None = None
    review_rate: float | None = None
    auto_error_rate: float | None = None
    post_error_rate: float | None = None
    threshold_cost: float | None = None
    limits_kept: bool = True
    caution: str = ""
    blocked: str = ""
    cost_difference: PairedMean | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        band = None
        if self.band is not None:
            band = {"lo": self.band.lo, "t": self.band.threshold, "hi": self.band.hi}
        return {
            "band": band,
            "cost": self.cost,
            "review_rate": self.review_rate,
            "auto_error_rate": self.auto_error_rate,
            "post_error_rate": self.post_error_rate,
            "threshold_cost": self.threshold_cost,
            "limits_kept": self.limits_kept,
            "guarantee": self.caution,
            "blocked": self.blocked or None,
            "cost_difference": None if self.cost_difference is None else self.cost_difference.to_json(),
        }


def best_bands(found: ModelComparison, asked: BandAsked) -> tuple[BestBand, ...]:
    """Search the cheapest band of each candidate on the compared rows.

    Parameters
    ----------
    found : ModelComparison
    asked : BandAsked
        The same for all candidates.

    Returns
    -------
    tuple of BestBand
        In the order of the candidates. The bands are picked on the rows that judge them: every cost here is a little
        too good, and the more so the finer the grid and the fewer the rows.

    Raises
    ------
    RaiError
        When the choices do not fit the rows, or no row has a known outcome.
    """
    bands = [_best(candidate, asked) for candidate in found.candidates]
    now = found.current
    return (
        bands[0],
        *(
            replace(band, cost_difference=_difference((now, one), (bands[0], band), asked))
            for one, band in zip(found.candidates[1:], bands[1:], strict=True)
        ),
    )


def _difference(
    models: tuple[Candidate, Candidate], bands: tuple[BestBand, BestBand], asked: BandAsked
) -> PairedMean | None:
    """Compare what each application with a known outcome costs under two models, each at its own band."""
    paid: list[FloatArray] = []
    for model, best in zip(models, bands, strict=True):
        rows = _rows(model, asked)
        if best.band is None:
            return None
        if rows.weight is not None:
            return PairedMean(
                n=int((rows.outcome != UNKNOWN).sum()),
                difference=_less(bands[1].cost, bands[0].cost),
                reason=WEIGHTED,
            )
        cases, known = _cases(rows, asked)
        paid.append(
            row_costs(cases, rows.score[known], best.band, asked.choices.reviewer, asked.choices.costs)
        )
    fingerprint = models[0].judgement.data.dataset.fingerprint
    return paired_mean(paid[0], paid[1], seed=int(fingerprint_value(["band costs", fingerprint])[:8], 16))


def _less(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _cases(rows: BandRows, asked: BandAsked) -> tuple[Cases, BoolArray]:
    """Take the rows with a known outcome, and what their cost depends on besides the score."""
    known = rows.outcome != UNKNOWN
    reviewer = asked.choices.reviewer
    groups = None
    if reviewer.by_group:
        column = column_of_pairs(rows.cubes(edges_of(asked.choices.band)), reviewer)
        groups = replace(rows.indices[column or ""], codes=rows.indices[column or ""].codes[known])
    cases = Cases(
        outcome=rows.outcome[known],
        amount=None if rows.amount is None else rows.amount[known],
        decision=None if rows.decision is None else rows.decision[known],
        groups=groups,
    )
    return cases, known


def _best(candidate: Candidate, asked: BandAsked) -> BestBand:
    t = candidate.threshold
    rows = _rows(candidate, asked)
    choices = replace(asked.choices, band=ReviewBand(t, t, t), promise=None)
    report = optimise_band(rows, choices)
    content, alone = report.content, _threshold_cost(rows, choices)
    best = content["optimum"]["best"]
    if best is None:
        return BestBand(
            key=candidate.key,
            band=None,
            threshold_cost=alone,
            limits_kept=False,
            blocked="; ".join(report.broken),
        )
    rates: Mapping[str, Any] = content["rates"]
    return BestBand(
        key=candidate.key, band=ReviewBand(best["lo"], best["t"], best["hi"]), cost=best["cost"],
        review_rate=best["review_rate"], auto_error_rate=rates["auto_error_rate"]["value"],
        post_error_rate=content["after_review"]["post_error_rate"], threshold_cost=alone,
        limits_kept=not report.broken, caution=str(content["guarantee"]["reason"] or ""),
    )  # fmt: skip


def _threshold_cost(rows: BandRows, choices: BandChoices) -> float | None:
    """Return the cost of an application with the threshold alone."""
    cubes = rows.cubes(edges_of(choices.band))
    judged = evaluate(cubes, choices.band, reviewer=choices.reviewer, costs=choices.costs)
    cost = judged.overall.values(COST)
    return None if cost is None else plain(cost[0])


def _rows(candidate: Candidate, asked: BandAsked) -> BandRows:
    """Put together what the band of one candidate is judged on."""
    # Models are compared application by application, which are those in memory.
    judgement = replace(candidate.judgement, whole=None)
    held = hold(asked.always, judgement.data.dataset.frame)
    return judged_rows(judgement, held, human=asked.human, human_approve=asked.human_approve)
