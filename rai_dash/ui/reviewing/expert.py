"""What a credit officer needs to choose the band, in plain words and in this order."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.review.evaluate import Evaluation
from rai_dash.ui import widgets
from rai_dash.ui.frames import route_frame
from rai_dash.ui.reviewing import (
    always,
    assumed,
    candidates,
    cases,
    groups,
    handles,
    limits,
    promise,
    warnings,
    words,
)
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.tour.spots import spot

CARDS = {
    "review_rate": (
        mark("Sent to a person"),
        mark("Share of all applications inside the band or without a score."),
    ),
    "good_auto_rejected": (
        mark("Good ones declined alone"),
        mark("Declined by the machine, of all with the favourable outcome."),
    ),
    "bad_auto_approved": (
        mark("Bad ones approved alone"),
        mark("Approved by the machine, of all with the unfavourable outcome."),
    ),
}


def expert(bench: Bench) -> None:
    """Draw the page for the expert."""
    judged = bench.judged(by=limits.columns(bench))
    with spot("band"):
        handles.section(bench, judged, has_chart=True)
    always.panel(bench.view)
    _alone(bench, judged)
    _people(bench, judged)
    if bench.columns:
        groups.section(bench, judged)
    _money(bench, judged)
    cases.section(bench)
    with st.container(border=True):
        widgets.heading(
            tr("What would change your mind?"),
            tr("Say what must hold, and see the cheapest band that keeps it"),
        )
        limits.panel(bench)
    with st.container(border=True):
        widgets.heading(tr("Bands to choose from"), tr("Kept with the case, up to four side by side"))
        candidates.panel(bench)
    warnings.panel(bench)


def _alone(bench: Bench, judged: Evaluation) -> None:
    """Say how often the machine is wrong, and whether that can be promised."""
    with st.container(border=True):
        widgets.heading(tr("How often is it wrong?"))
        widgets.paragraph(words.alone_sentence(judged.overall.routes, exposure=bench.judgement.exposure))
        promise.badge(bench)
        for place, (name, (title, meaning)) in zip(st.columns(len(CARDS)), CARDS.items(), strict=True):
            with place:
                widgets.estimate_card(tr(title), judged.overall.routes.estimate(name), meaning=tr(meaning))
        routes = judged.overall.routes
        widgets.numbers(lambda: route_frame(routes), name="review_band", key="band")


def _people(bench: Bench, judged: Evaluation) -> None:
    with st.container(border=True):
        widgets.heading(tr("How many people does it take?"))
        if judged.capacity is not None:
            widgets.paragraph(words.people_sentence(judged.capacity, bench.workload))
        assumed.work()


def _money(bench: Bench, judged: Evaluation) -> None:
    with st.container(border=True):
        widgets.heading(
            tr("What does it cost?"), tr("Errors that are left after the person, and the reviews themselves")
        )
        without = bench.judged(bench.without, by=(bench.by,))
        widgets.paragraph(words.money_sentence(judged.overall, without.overall))
        assumed.prices(bench)
        widgets.note(words.theory_sentence(judged.theory, judged.theory_reason, bench.band))
        assumed.reviewers(bench)
