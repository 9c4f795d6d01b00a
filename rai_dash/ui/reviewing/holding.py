"""Whether the choice and the routes hold: on other samples, under noise, with another model, over time and cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.charts import band_cloud as cloud_chart
from rai_dash.charts.band_cohorts import MAX_COHORTS, band_cohorts
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.metrics._base import DEFAULT_MIN_N
from rai_dash.review.band import RouteFigures, route
from rai_dash.review.cloud import Cloud, optimum_cloud
from rai_dash.review.flips import RouteFlips, flips_between, flips_under_noise
from rai_dash.ui import controls, rests_on, widgets
from rai_dash.ui.frames import route_frame
from rai_dash.ui.reviewing import limits
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.recent import recent
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.reviewing.words import score_text
from rai_dash.ui.text import percent, plain, points, safe

#: Standard deviations of the score noise in the table.
SIGMAS = (0.01, 0.02, 0.05, 0.1)
SAMPLES = 200


def stability(bench: Bench) -> None:
    """Draw which bands would have been the cheapest on other samples."""
    grid, rules = bench.grid(), limits.chosen(bench)
    key = (bench.cubes_key(), bench.band.threshold, bench.reviewer, bench.costs, rules)

    def make() -> Cloud:
        with st.spinner(tr("Choosing anew on repeated samples")):
            rows = bench.sampled(joint=len(bench.columns) > 1)
            return optimum_cloud(grid, rules, rows=rows, replicates=SAMPLES)

    with st.container(border=True):
        widgets.heading(
            tr("Would you choose it again?"),
            tr("The cheapest band on {samples} repeated samples of these rows", samples=SAMPLES),
        )
        try:
            found = recent(bench.judgement, "band_cloud", key, make)
        except RaiError as error:
            widgets.note(tr("Not known: {error}", error=safe(error.message, limit=300)))
            return
        ends = found.ends()
        if ends is None or found.optimum is None:
            widgets.note(tr("No band keeps the limits, so there is none to choose again."))
            return
        lo, hi = ends
        widgets.paragraph(
            tr(
                "In {within_one_step} of the samples the cheapest band is the same or one step away. 95 % of "
                "the winners decline below {span} and approve from {span_2}. A wide cloud says that cost "
                "alone does not settle it.",
                within_one_step=percent(found.within_one_step),
                span=_span(*lo),
                span_2=_span(*hi),
            )
        )
        wins = [(grid.los[i], grid.his[j], int(found.wins[i, j])) for i, j in np.argwhere(found.wins > 0)]
        optima = [(lo, hi) for lo, hi, n in wins for _ in range(n)]
        best = grid.band(*found.optimum)
        widgets.draw(
            cloud_chart.band_cloud(optima, draws=found.n_samples, now=bench.band, best=best), key="band_cloud"
        )
        widgets.how_to_read(
            tr(
                "Each dot is a band that was the cheapest in some of the samples, the larger the more often. Across is "
                "where declining ends, up is where approving begins."
            )
        )
        widgets.numbers(
            lambda: pd.DataFrame(wins, columns=["declined below", "approved from", "samples won"]),
            name="band_cloud", key="band_cloud",
        )  # fmt: skip


def _span(first: float | None, last: float | None) -> str:
    """Write where an end lies; one that never moves is said once."""
    start, end = ("nothing" if one is None else score_text(one) for one in (first, last))
    return start if start == end else tr("{start} to {end}", start=start, end=end)


def noise(bench: Bench) -> None:
    """Draw how many routes change when scores are a little off, or come from another model."""
    score, weight = bench.scores(), bench.weights()
    with st.container(border=True):
        widgets.heading(tr("Do routes hold?"), tr("Share of applications that would take another route"))
        rests_on.sample_note(bench.judgement.data.dataset, tr("the scores of single rows are moved"))
        lines = [
            _line(
                tr("every score, by a standard deviation of {sigma}", sigma=points(sigma)),
                flips_under_noise(score, bench.band, sigma=sigma, weight=weight),
            )
            for sigma in SIGMAS
        ]
        for model in bench.view.case.models:
            if bench.judgement.model is None or model.key == bench.judgement.model.key:
                continue
            try:
                other = bench.view.case.judge(bench.view.choices.data, model.key).score[
                    bench.judgement.positions
                ]
            except RaiError:
                continue  # a model that does not fit these data is no alternative
            lines.append(
                _line(
                    tr("the model, to {model}", model=safe(model.title)),
                    flips_between(score, other, bench.band, weight=weight),
                )
            )
        table([tr("what changes"), tr("another route"), tr("approved instead of declined, or back")], lines)
        widgets.note(tr("Noise of the applicants' own data is on *What drives the model*, under *Noise*."))


def _line(what: str, found: RouteFlips) -> list[str]:
    return [what, percent(found.changed), percent(found.hard)]


def cohorts(bench: Bench) -> None:
    """Draw the band over time or cohorts."""
    judgement = bench.judgement
    taken = {judgement.roles.id, judgement.roles.target, judgement.roles.weight, judgement.roles.score}
    columns = [name for name in judgement.data.dataset.columns if name not in taken]
    with st.container(border=True):
        widgets.heading(
            tr("Does it hold over time and cohorts?"), tr("The same band on parts of the applications")
        )
        names = {"": tr("choose a column")} | {name: plain(name) for name in columns}
        column = controls.pick(
            tr("Time or cohort"), "cohort", list(names), names, current=_kept(bench, columns)
        )
        if not column:
            return
        counts = judgement.counts((column,))
        if counts.n_groups > MAX_COHORTS:
            widgets.note(
                tr(
                    "{column} has more than {max_cohorts} values. Choose a column with fewer, or bin it as a "
                    "role.",
                    column=safe(column),
                    max_cohorts=MAX_COHORTS,
                )
            )
            return
        figures = route(counts, bench.band).by_group
        review, wrong = (_all(figures, name) for name in ("review_rate", "auto_error_rate"))
        small = [bool(n < DEFAULT_MIN_N) for n in figures.n]
        widgets.draw(band_cohorts(figures.groups, review, wrong, small=small), key="band_cohorts")
        widgets.how_to_read(
            tr(
                "Two marks a part with their 95 % intervals: what goes to a person, and what is wrong when "
                "alone."
            )
        )
        widgets.numbers(lambda: route_frame(figures), name="band_cohorts", key="band_cohorts", people="rows")


def _kept(bench: Bench, columns: Sequence[str]) -> str:
    """Return the chosen column, else the one that holds the time."""
    chosen, time = bench.view.choices.cohort, bench.judgement.roles.time or ""
    return chosen if chosen in columns else time if time in columns else ""


def _all(figures: RouteFigures, name: str) -> list[Estimate]:
    return [figures.estimate(name, i) for i in range(len(figures.groups))]
