"""What each model costs at its own cheapest review band, with the same people, prices and limits."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.report.band_choices import BandChoices
from rai_dash.report.models_bands import BandAsked, BestBand, best_bands
from rai_dash.ui import widgets
from rai_dash.ui.cost_words import cost_text
from rai_dash.ui.models import words
from rai_dash.ui.models.look import Look
from rai_dash.ui.queue import recorded
from rai_dash.ui.reviewing import bench as benches
from rai_dash.ui.reviewing import limits
from rai_dash.ui.reviewing.decided import two_values
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.reviewing.words import band_text
from rai_dash.ui.text import NOTHING, percent, plain, safe


def panel(look: Look) -> None:
    """Draw the cheapest band of each model."""
    try:
        asked = _asked(look)
        found = look.memo.get(("bands", _key(asked)), lambda: best_bands(look.found, asked))
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    widgets.finding(words.bands_sentence(look, found))
    table(
        [
            tr("Model"),
            tr("Cheapest band"),
            tr("Cost of an application"),
            tr("At the threshold alone"),
            tr("To a person"),
            tr("Wrong when it decides alone"),
            tr("Wrong after the person"),
        ],
        [_row(look, one) for one in found],
        words=(0, 1),
    )
    caution = next((b.caution for b in found if b.caution), "")
    widgets.note(
        tr(
            "{caution} That holds for every model here, so that the cheaper one may be a little less cheap. "
            "Prices, limits and how well people decide are those of the Review band page, the same for all.",
            caution=safe(caution, limit=400),
        )
    )
    if recorded.is_queue(look.view.choices.human):
        widgets.note(tr("Decisions of a review queue are not used here: they are about one model's band."))
    widgets.numbers(lambda: bands_frame(look, found), name="models_bands", key="model_bands", people=None)
    widgets.next_step(
        tr("Prices and people are set on the Review band page."), "review_band", label=tr("Go to Review band")
    )


def _asked(look: Look) -> BandAsked:
    """Read what the Review band page assumes, for the test set and the model used now."""
    bench = benches.bench_of(look.here)
    chosen = look.view.choices
    t = look.current.threshold
    human: str | None = None
    approve: tuple[str, ...] = ()
    reviewer = bench.reviewer
    if recorded.is_queue(chosen.human):
        # Decisions of a queue are about one model's band: the others would send other people to a person.
        reviewer = replace(reviewer, use_recorded=False)
    elif reviewer.use_recorded:
        values = two_values(bench.judgement, chosen.human)
        human, approve = chosen.human, (values[1 if chosen.human_flip else 0],)
    return BandAsked(
        choices=BandChoices(
            band=ReviewBand(t, t, t), reviewer=reviewer, costs=bench.costs,
            min_n=look.found.options.min_n, limits=tuple(limit.words() for limit in limits.chosen(bench)),
        ),
        human=human, human_approve=approve, always=look.view.case.always,
    )  # fmt: skip


def _key(asked: BandAsked) -> str:
    """Write down what the bands depend on besides the comparison."""
    return repr(
        (asked.choices.reviewer.to_json(), asked.choices.costs.to_json(), asked.choices.limits, asked.human,
         asked.human_approve, [c.to_json() for c in asked.always])
    )  # fmt: skip


def _row(look: Look, one: BestBand) -> list[str]:
    name = safe(look.found.candidate(one.key).model.title)
    if one.band is None:
        return [name, tr("no band keeps the limits"), NOTHING, cost_text(one.threshold_cost), *[NOTHING] * 3]
    return [
        name,
        band_text(one.band),
        cost_text(one.cost),
        cost_text(one.threshold_cost),
        percent(one.review_rate),
        percent(one.auto_error_rate),
        percent(one.post_error_rate),
    ]


def bands_frame(look: Look, found: tuple[BestBand, ...]) -> pd.DataFrame:
    """Return one row a model."""
    return pd.DataFrame(
        [
            {
                "model": plain(look.found.candidate(one.key).model.title),
                "declined below": None if one.band is None else one.band.lo,
                "approved from": None if one.band is None else one.band.hi,
                "cost": one.cost,
                "cost at the threshold alone": one.threshold_cost,
                "to a person": one.review_rate,
                "wrong alone": one.auto_error_rate,
                "wrong after the person": one.post_error_rate,
                "cost less that of now": None
                if one.cost_difference is None
                else one.cost_difference.difference,
                "low": None if one.cost_difference is None else one.cost_difference.low,
                "high": None if one.cost_difference is None else one.cost_difference.high,
                "no band because": one.blocked,
                "promise": one.caution,
            }
            for one in found
        ]
    )
