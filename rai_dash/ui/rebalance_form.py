"""The controls of the Rebalance page."""

from __future__ import annotations

import streamlit as st

from rai_dash.ui import rebalancing, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import safe


def controls(view: View) -> rebalancing.Wanted:
    """Show the controls; the start button starts the job. Returns the recipe they describe."""
    case, roles = view.case, view.judgement.roles
    with st.container(border=True):
        left, middle, right = st.columns(3)
        by = left.selectbox(
            "Balance the outcome within", [*roles.sensitive, ""],
            format_func=lambda c: safe(c) if c else "everyone together", key="reb_by",
        )  # fmt: skip
        up = middle.slider(
            "Top small cells up to … of the largest", 0, 100, 100, 5, format="%d %%", key="reb_up"
        )
        down = right.slider(
            "Cut large cells down to … of the largest", 0, 100, 100, 5, format="%d %%", key="reb_down"
        )
        seed = left.number_input("Seed", 0, 10_000, 0, key="reb_seed")
        tests = ["", *(d.key for d in case.data if d.key != view.judgement.data.key)]
        titles = {d.key: safe(d.title) for d in case.data}
        test = middle.selectbox(
            "Judge on", tests, key="reb_test",
            format_func=lambda k: titles.get(k, "held-out rows of the same data"),
        )  # fmt: skip
        wanted = rebalancing.Wanted(by=by or None, up=up / 100, down=down / 100, seed=int(seed), test=test)
        with right:
            st.space("small")
            start = st.button("Train and compare", icon=":material/model_training:", key="reb_go")
    if start:
        rebalancing.start(view, wanted)
    widgets.note(
        "Only training rows are resampled, after the split: a copy of a test row in the training fold would make "
        "every figure too good."
    )
    return wanted
