"""How far the band can be trusted: promises, risk against coverage, calibration inside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.charts import risk_coverage as risk_chart
from rai_dash.charts._base import Chart
from rai_dash.charts.calibration import calibration
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate, ReviewBand
from rai_dash.core.words import NOTHING
from rai_dash.review.band_calibration import CalibrationCells, band_calibration
from rai_dash.review.guarantee import picked, sgr
from rai_dash.review.promise import Guarantee
from rai_dash.review.risk_coverage import RiskCoverage, risk_coverage
from rai_dash.review.two_sided import TwoSided, two_sided
from rai_dash.stats.intervals import wilson
from rai_dash.ui import controls, rests_on, widgets
from rai_dash.ui.frames import optional
from rai_dash.ui.reviewing import promise, words
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.promise import Promise
from rai_dash.ui.reviewing.recent import recent
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.text import count, many, number, percent, percent_range, points, safe


def guarantee(bench: Bench) -> None:
    """Draw what may be promised by each rule."""
    with st.container(border=True):
        widgets.heading(tr("What may be promised?"), tr("Fix error and certainty before you look"))
        left, right = st.columns(2)
        with left:
            controls.whole_number(tr("Wrong at most, % of automatic decisions"), "alpha", least=1, most=50)
        with right:
            controls.whole_number(tr("Chance that the promise is broken, %"), "delta", least=1, most=50)
        found = promise.promise_of(bench)
        promise.badge(bench)
        table(["rule", "band", "wrong", tr("at most"), "verdict"], _rules(bench, found), words=(0, 1, 4))
        widgets.note(
            tr(
                "The limits are unweighted counts by Clopper and Pearson. Picking the best-looking band and "
                "promising its error breaks the promise far more often than it says."
            )
        )
        widgets.numbers(
            lambda: _chain(found), name="band_chain", key="band_chain", label=tr("The bands that were tested")
        )


def _rules(bench: Bench, found: Promise) -> list[list[str]]:
    """Return one row a rule: its band, its errors, what they are at most, and the verdict."""
    t = bench.band.threshold
    by_sgr = recent(
        bench.judgement,
        "sgr",
        (t, found.alpha, found.delta),
        lambda: sgr(bench.scores(), bench.outcomes(), threshold=t, alpha=found.alpha, delta=found.delta),
    )
    at_hand = tr("**not certified**: it was moved on these rows")
    if found.holds:
        at_hand = tr("certified: one of the list of the fixed sequence")
    seen = tr("**not certified**: the model may have seen these rows") if found.is_seen else ""
    return [
        _rule(tr("this band, had it been fixed beforehand"), bench.band, _by_hand(bench, found), at_hand),
        _rule(tr("fixed sequence"), found.found.band, found.found, seen),
        _rule(
            tr("SGR (symmetric, searched{which})", which=tr(", on the sample") if bench.is_whole else ""),
            by_sgr.band,
            by_sgr,
            seen,
        ),
        _two_sided(found, seen),
    ]


def _by_hand(bench: Bench, found: Promise) -> Guarantee:
    """Return the bound of the present band, as if nobody had looked."""
    counts = bench.automatic([bench.band])
    return picked(int(counts.k[0]), int(counts.n[0]), alpha=found.alpha, delta=found.delta)


def _rule(name: str, band: ReviewBand | None, one: Guarantee, said: str) -> list[str]:
    verdict = said or (safe(one.reason, limit=200) if one.reason else "certified")
    return [
        name,
        NOTHING if band is None else words.band_text(band, digits=1),
        NOTHING if one.k is None else tr("{k} of {one}", k=count(one.k), one=count(one.n)),
        NOTHING if one.bound is None else percent(one.bound),
        verdict,
    ]


def _two_sided(found: Promise, said: str) -> list[str]:
    sides = two_sided(
        {"": found.counts}, alpha_approve=found.alpha, alpha_refuse=found.alpha, delta=found.delta
    )
    verdict = "certified" if sides.certified else safe(_why(sides), limit=200)
    return [
        tr("approvals and declines apart"),
        words.band_text(sides.band) if sides.certified else NOTHING,
        NOTHING,
        tr("{alpha} of either", alpha=percent(found.alpha)) if sides.certified else NOTHING,
        said or verdict,
    ]


def _why(sides: TwoSided) -> str:
    return sides.approvals.reason or sides.refusals.reason or ""


def _chain(found: Promise) -> pd.DataFrame:
    """Return one row a band of the sequence."""
    counts = found.counts
    return pd.DataFrame(
        {
            "declined below": [b.lo for b in counts.bands],
            "approved from": [b.hi for b in counts.bands],
            "automatic decisions": counts.n,
            "wrong": counts.k,
            "p": list(found.found.p_values),
        }
    )


def risk(bench: Bench) -> None:
    """Draw risk against coverage."""
    t = bench.band.threshold

    def make() -> RiskCoverage:
        return risk_coverage(bench.scores(), bench.outcomes(), threshold=t, weight=bench.weights())

    found = recent(bench.judgement, "risk_coverage", t, make)
    with st.container(border=True):
        widgets.heading(
            tr("How much can it decide alone?"), tr("Errors as the machine decides more, surest first")
        )
        if found.aurc is None:
            widgets.note(tr("Not known: {reason}.", reason=safe(found.reason or "", limit=200)))
            return
        if bench.is_whole:
            rests_on.sample_note(
                bench.judgement.data.dataset, tr("single rows are ranked; only the square is of all rows")
            )
        routes = bench.judged(by=(bench.by,)).overall.routes
        now = tuple(routes.estimate(name).value for name in ("coverage", "auto_error_rate"))
        chart = risk_chart.risk_coverage(
            found.coverage, found.selective, found.generalised, now=(now[0], now[1])
        )
        widgets.draw(chart, key="risk_coverage")
        widgets.how_to_read(
            tr(
                "Area under the share wrong (AURC): {aurc}; under errors per application (AUGRC): {augrc}. "
                "Lower is better. The curves are of bands as wide below the threshold as above it; the "
                "square is the present one. {found} with a known outcome.",
                aurc=number(found.aurc, digits=4),
                augrc=number(found.augrc, digits=4),
                found=many(found.n, "application", "applications"),
            )
        )
        frame = pd.DataFrame(
            {"distance from the threshold": found.theta, "decided alone": found.coverage, "wrong": found.selective,
             "wrong per application": found.generalised}
        )  # fmt: skip
        widgets.numbers(lambda: frame, name="risk_coverage", key="risk_coverage")


def score_beside(mean: float, observed: Estimate) -> str:
    """Say the mean score beside what happened; a difference only where the interval leaves no room for none."""
    values = {
        "mean_score": percent(mean),
        "observed": percent(observed.value),
        "ends": percent_range(observed.low, observed.high),
    }
    if observed.value is None or observed.low is None or observed.high is None:
        return tr("The mean score is {mean_score}.", mean_score=percent(mean))
    if observed.low <= mean <= observed.high:
        return tr(
            "The mean score is {mean_score}; what happened is {observed} ({ends}), which leaves room for that.",
            **values,
        )
    gap = points(abs(mean - observed.value))
    if mean > observed.value:
        return tr(
            "The mean score is {mean_score}, **{gap} more hopeful** than what happened: {observed} ({ends}).",
            gap=gap,
            **values,
        )
    return tr(
        "The mean score is {mean_score}, **{gap} less hopeful** than what happened: {observed} ({ends}).",
        gap=gap,
        **values,
    )


def inside(bench: Bench) -> None:
    """Draw the calibration inside the band."""
    weight = bench.weights()
    found = band_calibration(bench.scores(), bench.outcomes(), bench.band, weight=weight)
    with st.container(border=True):
        widgets.heading(
            tr("Is the score right inside the band?"), tr("Those whom a person decides, with a known outcome")
        )
        rests_on.sample_note(bench.judgement.data.dataset, tr("the scores of single rows are averaged"))
        if not found.n or found.mean_score is None or found.gap is None:
            widgets.note(tr("Nobody with a score and a known outcome is sent to a person."))
            return
        widgets.paragraph(
            tr(
                "{beside} Brier score {brier}, calibration error {nothing}. {found}.",
                beside=score_beside(found.mean_score, found.observed),
                brier=number(found.brier, digits=3),
                nothing=NOTHING if found.ece is None else points(found.ece),
                found=many(found.n, "application", "applications"),
            )
        )
        if found.cells is not None:
            widgets.draw(_calibration(found.cells, is_weighted=weight is not None), key="band_calibration")
            widgets.how_to_read(
                tr("Five equal parts of the band; on the dashed line the score says what happens.")
            )


def _calibration(cells: CalibrationCells, *, is_weighted: bool) -> Chart:
    known = np.nan_to_num(cells.observed * cells.weight)
    # The size behind weighted cells is not kept, so they have no interval.
    low, high = wilson(known, np.where(is_weighted, 0.0, cells.weight))
    return calibration(
        cells.edges.tolist(), mean_score=optional(cells.mean_score), rate=optional(cells.observed), low=optional(low),
        high=optional(high), n=[round(float(w)) for w in cells.weight], small=[bool(w < 30) for w in cells.weight],
    )  # fmt: skip
