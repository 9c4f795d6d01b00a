"""What somebody who answers for the business asks: money, volume, risk, groups, and whether it is still signed."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.route_bars import route_bars
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.review.evaluate import Evaluation
from rai_dash.ui import widgets
from rai_dash.ui.reviewing import groups, handles, holding, limits, promise, words
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.signing import business
from rai_dash.ui.text import count, safe

WORKING_DAYS = 250


def stakeholder(bench: Bench) -> None:
    """Draw the page for the stakeholder."""
    judged = bench.judged(by=limits.columns(bench))
    handles.section(bench, judged, has_chart=False)
    _cards(bench, judged)
    promise.badge(bench)
    with st.container(border=True):
        widgets.heading(tr("Money"))
        without = bench.judged(bench.without, by=(bench.by,))
        widgets.paragraph(words.money_sentence(judged.overall, without.overall))
        _a_year(bench, judged, without)
    _limits(bench, judged)
    if bench.columns:
        groups.section(bench, judged)
    else:
        _everyone(judged)
    holding.cohorts(bench)
    _signed(bench)


def _everyone(judged: Evaluation) -> None:
    """Draw the three routes where there are no groups."""
    order = ("reject", "review", "approve")
    with st.container(border=True):
        widgets.heading(tr("What becomes of them"))
        sums = judged.overall.routes.sums
        widgets.draw(route_bars((), [[float(sums[name][0]) for name in order]]), key="routes_all")
        widgets.how_to_read(tr("The bar is everyone; its parts are what becomes of them."))


def _cards(bench: Bench, judged: Evaluation) -> None:
    first, second, third = st.columns(3)
    found, workload = judged.capacity, bench.workload
    with first:
        widgets.estimate_card(tr("Sent to a person"), judged.overall.routes.estimate("review_rate"))
    with second:
        widgets.estimate_card(tr("Wrong when alone"), judged.overall.routes.estimate("auto_error_rate"))
    with third:
        people = None if found is None else found.reviewers_needed
        widgets.card(
            tr("Reviewers"),
            count(people),
            tr("for {volume_per_day} applications a day", volume_per_day=count(workload.volume_per_day)),
        )


def _a_year(bench: Bench, judged: Evaluation, without: Evaluation) -> None:
    """Say what the band saves or costs in a year of working days."""
    now, then = judged.overall.values("cost"), without.overall.values("cost")
    if now is None or then is None or now[0] != now[0] or then[0] != then[0]:
        return
    year = float(then[0] - now[0]) * bench.workload.volume_per_day * WORKING_DAYS
    widgets.paragraph(year_sentence(year, bench.workload.volume_per_day))


def year_sentence(year: float, a_day: float) -> str:
    """Say what a band saves in a year, to two digits: a mean of some rows times many days knows no more."""
    values = {
        "volume_per_day": count(a_day),
        "money": words.money(abs(float(f"{year:.2g}"))),
        "working_days": count(WORKING_DAYS),
    }
    if year >= 0:
        return tr(
            "At {volume_per_day} applications a day the band saves about **{money}**, in the unit of the costs, a "
            "year of {working_days} working days beside deciding all of them by the threshold.",
            **values,
        )
    return tr(
        "At {volume_per_day} applications a day the band costs about **{money}** more, in the unit of the costs, a "
        "year of {working_days} working days than deciding all of them by the threshold.",
        **values,
    )


def _limits(bench: Bench, judged: Evaluation) -> None:
    """Say which limits the band keeps."""
    rules = limits.chosen(bench)
    with st.container(border=True):
        widgets.heading(tr("The limits that were set"))
        if not rules:
            widgets.note(tr("None are set. They are typed on the page for the credit officer."))
            return
        limits.kept_table(judged, rules)


def _signed(bench: Bench) -> None:
    """Say who signed what, since when, whether it is still in force, and what changed since."""
    with st.container(border=True):
        widgets.heading(tr("Who answers for it?"))
        try:
            business.in_brief(bench)
        except RaiError as error:
            widgets.problem(safe(error.message, limit=600))
