"""Choose a threshold honestly: on one half of the rows, reported on the other."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.cells import LAST_CELL, N_EDGES
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.metrics.cheapest import Cut, cost_at
from rai_dash.metrics.chosen import Goal, Halves, choose, rarer_outcome, report
from rai_dash.metrics.table import MetricTable
from rai_dash.ui import costing, rests_on, state, widgets
from rai_dash.ui.cost_words import (
    GOALS,
    chosen_sentence,
    cost_text,
    half_caution,
    level_sentence,
    price_words,
    rules_sentence,
)
from rai_dash.ui.costing import Priced
from rai_dash.ui.outcome_panels import HEADLINE, markdown_table
from rai_dash.ui.state import View
from rai_dash.ui.text import percent, percent_range, safe

_LEVELS = {Goal.RECALL: mark("Recall of at least"), Goal.APPROVALS: mark("Approve at most")}


def panel(view: View) -> None:
    """Draw the panel behind an expander; nothing is computed while it is closed."""
    with st.expander(
        tr("Choose a threshold honestly"), icon=":material/call_split:", key="choice_panel", on_change="rerun"
    ) as box:
        if box.open:
            _open_panel(view)


def _open_panel(view: View) -> None:
    judgement = view.judgement
    goal, level = _goal()
    price = costing.priced(judgement, state.choices())
    caution = half_caution(judgement.exposure, has_split=judgement.roles.split is not None)
    if caution:
        widgets.note(caution)
    try:
        parts = costing.halves(judgement, by_amount=price.by_amount)
        cut = choose(parts.chosen_on, goal, costs=price.costs, level=level)
        there, reported = (
            report(part.counts, cut, metrics=HEADLINE) for part in (parts.chosen_on, parts.reported_on)
        )
        with st.spinner(tr("Drawing samples of the rows")):
            cost_row = _cost_row(view, parts, cut, price)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if costing.halves_are_sampled(judgement, by_amount=price.by_amount):
        rests_on.sample_note(
            judgement.data.dataset, tr("weights, amounts and scores of a model belong to single rows")
        )
    rarer = rarer_outcome(parts.chosen_on.counts)
    said = chosen_sentence(cut, rows=int(there.n[0]), other_rows=int(reported.n[0]), rarer=rarer)
    widgets.finding(f"{said} {level_sentence(goal, level, reported)}")
    head = [tr("Figure"), tr("Half it was chosen on"), tr("Other half (believe this)")]
    table = [
        [title, _value(there, m), f"**{_value(reported, m)}**{_span(reported, m)}"]
        for m, title in all_of(HEADLINE).items()
    ]
    widgets.paragraph(markdown_table(head, [*table, cost_row]))
    refuse, approve = (cost_at(parts.reported_on, price.costs, rule) for rule in (None, 0.0))
    widgets.note(
        tr(
            "In brackets the 95 % interval. Another cut in two would choose a somewhat different threshold. "
            "For the cost, {price}. {rules_sentence}",
            price=price_words(price.costs, by_amount=price.by_amount),
            rules_sentence=rules_sentence(refuse, approve),
        )
    )
    _use(cut)


def _goal() -> tuple[Goal, float]:
    """Ask what the threshold is chosen for, and the level where the goal has one."""
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    with left:
        goal = Goal(
            st.selectbox(tr("Choose for"), [g.value for g in Goal], format_func=_goal_name, key="choice_goal")
        )
    if goal not in _LEVELS:
        return goal, 0.5
    with right:
        level = st.slider(tr(_LEVELS[goal]), 0, 100, 80, step=1, format="%d %%", key=f"choice_{goal}")
    return goal, level / 100


def _goal_name(goal: str) -> str:
    return tr(GOALS[Goal(goal)])


def _value(table: MetricTable, metric: str) -> str:
    return percent(table.estimate(metric, 0).value)


def _span(table: MetricTable, metric: str) -> str:
    found = table.estimate(metric, 0)
    return "" if found.low is None or found.high is None else f" ({percent_range(found.low, found.high)})"


def _cost_row(view: View, parts: Halves, cut: Cut, price: Priced) -> list[str]:
    """Write the cost on both halves; the interval is of the half that had no say in the threshold."""
    here, there = (cost_at(part, price.costs, cut) for part in (parts.reported_on, parts.chosen_on))
    curve = costing.curve_of_reported_half(view.judgement, price)
    at = N_EDGES if cut is None else round(cut * LAST_CELL)
    low, high = (float(values[at]) for values in (curve.low, curve.high))
    span = (
        ""
        if curve.stability is None
        else tr(" ({cost} to {cost_text_high})", cost=cost_text(low), cost_text_high=cost_text(high))
    )
    return [tr("Cost of one application"), cost_text(there), f"**{cost_text(here)}**{span}"]


def _use(cut: Cut) -> None:
    """Offer to set the threshold of the case."""
    if cut is None:
        widgets.note(tr("Approving nobody needs no threshold: there is nothing to set."))
        return
    st.button(
        tr("Use this threshold"),
        icon=":material/check:",
        key="choice_use",
        disabled=cut == state.choices().threshold,
        on_click=lambda: state.choose(threshold=cut),
    )
