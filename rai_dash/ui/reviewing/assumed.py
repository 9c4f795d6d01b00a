"""What is assumed about people, work and money: small forms beside the sentences they change."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.ui import controls, cost_panel, costing, state, widgets
from rai_dash.ui.queue import recorded
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.decided import human_columns, two_values
from rai_dash.ui.text import count, plain, safe


def work() -> None:
    """Let the user type the volume and the minutes."""
    fields = (
        (tr("Applications a day"), "volume", 0, 10_000_000),
        (tr("Minutes a review"), "minutes", 1, 10_000),
        (tr("Minutes a reviewer has a day"), "day_minutes", 1, 1440),
        (tr("Reviewers there are (0: not stated)"), "team", 0, 1_000_000),
    )
    for place, (label, field, least, most) in zip(
        st.columns(4, vertical_alignment="bottom"), fields, strict=True
    ):
        with place:
            controls.whole_number(label, field, least=least, most=most)


def prices(bench: Bench) -> None:
    """Let the user price errors and a review."""
    cost_panel.prices(bench.view)
    key = "pick_review_cost"
    controls.seed(key, min(max(state.choices().review_cost, 0), 100 * costing.MOST) / 100)
    st.number_input(
        tr("A review costs"),
        0.0,
        float(costing.MOST),
        step=0.05,
        format="%.2f",
        key=key,
        on_change=_priced,
        args=(key,),
        help=tr("In the unit of the two errors: a person's look at one application."),
        width=220,
    )


def _priced(key: str) -> None:
    state.choose(review_cost=round(float(st.session_state[key]) * 100))


def reviewers(bench: Bench) -> None:
    """Let the user say how well people decide, or which column holds what they decided."""
    with st.expander(
        tr("How well people decide"), icon=":material/groups:", key="band_people", on_change="rerun"
    ) as box:
        if not box.open:
            return
        widgets.note(
            tr(
                "Nobody is right every time, and some follow the score. These numbers are assumptions until "
                "decisions of people are recorded."
            )
        )
        fields = (
            (tr("Approve a good one, %"), "right_yes"),
            (tr("Decline a bad one, %"), "right_no"),
            (tr("Follow the score instead, %"), "defers"),
        )
        for place, (label, field) in zip(st.columns(3, vertical_alignment="bottom"), fields, strict=True):
            with place:
                controls.whole_number(label, field, least=0, most=100)
        recorded.measured(bench.view)
        _recorded(bench)


def _recorded(bench: Bench) -> None:
    """Let the user name a column with recorded decisions, or a review queue of these data."""
    queues = recorded.offered(bench.view)
    columns = [name for name in human_columns(bench.judgement) if not recorded.is_queue(name)]
    for text in recorded.too_few(bench.view):
        widgets.note(text)
    if not columns and not queues:
        widgets.note(tr("No column of these data has two values that could be recorded decisions of people."))
        return
    names = {"": "none"} | queues | {name: plain(name) for name in columns}
    column = controls.pick(tr("Column with recorded decisions of people"), "human", list(names), names)
    if not column:
        return
    if recorded.is_queue(column):
        controls.switch(tr("Use them instead of the numbers above, where there is one"), "recorded")
        _used(bench)
        return
    first, second = two_values(bench.judgement, column)
    approved = second if state.choices().human_flip else first
    controls.switch(tr("Use them instead of the numbers above, where there is one"), "recorded")
    controls.switch(tr("The other value is the approval"), "human_flip")
    widgets.note(tr("Approved is {approved} in {column}.", approved=safe(approved), column=safe(column)))
    _used(bench)


def _used(bench: Bench) -> None:
    """Say how many people the recorded decisions are about."""
    if not bench.reviewer.use_recorded:
        return
    used, inside = bench.recorded_inside()
    widgets.note(
        tr(
            "They stand for {used} of the {inside} applications that the band sends to a person; for the "
            "other {inside_used} the numbers above hold.",
            used=count(used),
            inside=count(inside),
            inside_used=count(inside - used),
        )
    )
