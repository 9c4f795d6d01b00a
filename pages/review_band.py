"""Review band: what the machine decides alone, and what goes to a person."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts._base import Chart
from rai_dash.charts.route_bars import route_bars
from rai_dash.charts.score_histogram import score_histogram
from rai_dash.core.types import ReviewBand
from rai_dash.review.band import RouteTable, route
from rai_dash.ui import controls, widgets
from rai_dash.ui.band_words import band_sentence, error_sentence
from rai_dash.ui.frames import route_frame
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "Review band",
    "step": "Decide",
    "order": 0,
    "icon": ":material/person_search:",
    "question": "Which applications may the machine decide alone, and which does a person look at?",
    "needs": ("scores",),
}
CARDS = {
    "review_rate": ("Sent to a person", "Share of all applications inside the band or without a score."),
    "auto_error_rate": ("Wrong when alone", "Of the labelled applications decided automatically."),
    "good_auto_rejected": (
        "Good ones declined",
        "Declined automatically, of all applicants with the favourable label.",
    ),
    "bad_auto_approved": (
        "Bad ones approved",
        "Approved automatically, of all applicants with the unfavourable label.",
    ),
}
MOST_GROUPS = 24


def render(view: View) -> None:
    """Draw the page."""
    panel(view)
    widgets.next_step("Is this the band you want to answer for?", "sign_off", label="Go to sign-off")


@st.fragment
def panel(view: View) -> None:
    """Draw the band and everything it moves."""
    with st.container(border=True):
        band = controls.band_slider()
    judgement = view.judgement
    overall = route(judgement.counts(), band)
    widgets.finding(band_sentence(overall))
    _cards(overall)
    widgets.paragraph(error_sentence(overall, exposure=judgement.exposure))
    with st.container(border=True):
        widgets.heading("Where the scores fall", "The grey middle is the work you hand to people")
        widgets.draw(score_histogram(judgement.counts().counts[0], band), key="scores")
        widgets.how_to_read(
            "Each bar is the number of applications with about that score, on a square-root scale so that small "
            "bars stay visible. The lines are the two ends of the band."
        )
    if judgement.roles.sensitive:
        _by_group(view, band)
    widgets.numbers(lambda: route_frame(overall.overall), name="review_band", key="band")


def _cards(table: RouteTable) -> None:
    for place, (name, (title, meaning)) in zip(st.columns(len(CARDS)), CARDS.items(), strict=True):
        with place:
            widgets.estimate_card(title, table.overall.estimate(name), meaning=meaning)


def _by_group(view: View, band: ReviewBand) -> None:
    with st.container(border=True):
        widgets.heading(
            "Who waits for a person?", "Share of each group that is declined, reviewed and approved"
        )
        by = controls.pick("Compare by", "by", list(view.judgement.roles.sensitive))
        table = route(view.judgement.counts((by,)), band)
        widgets.draw(_bars(table), key="routes")
        widgets.how_to_read(
            "Each bar is one group and adds up to 100 %. Grey is the share a person looks at; a wide grey part "
            "means that group waits longer."
        )
        widgets.numbers(
            lambda: route_frame(table.by_group), name="review_band_groups", key="band_groups", people="rows"
        )


def _bars(table: RouteTable) -> Chart:
    order = ("reject", "review", "approve")
    groups = table.by_group
    rows = [[float(table.overall.sums[name][0]) for name in order]]
    rows += [[float(groups.sums[name][i]) for name in order] for i in range(len(groups.groups))]
    return route_bars(groups.groups[:MOST_GROUPS], rows[: MOST_GROUPS + 1])


show(render, __file__)
