"""The controls of the Rebalance page."""

from __future__ import annotations

import streamlit as st

from rai_dash.ui import controls, rebalancing, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import plain


def recipe_form(view: View) -> rebalancing.Wanted:
    """Show the controls; the start button starts the job. Returns the recipe they describe."""
    case, roles = view.case, view.judgement.roles
    with st.container(border=True):
        left, middle, right = st.columns(3)
        with left:
            by = controls.pick(
                "Balance the outcome within", "balance_by", [*roles.sensitive, ""], {"": "everyone together"}
            )
            drawn = controls.seed_input()
        with middle:
            up = controls.whole_percent("Top small cells up to … of the largest", "up")
            others = [d for d in case.data if d.key != view.judgement.data.key]
            titles = {"": "held-out rows of the same data", **{d.key: plain(d.title) for d in others}}
            test = controls.pick("Judge on", "balance_on", list(titles), titles)
        with right:
            down = controls.whole_percent("Cut large cells down to … of the largest", "down")
            st.space("small")
            start = st.button("Train and compare", icon=":material/model_training:", key="reb_go")
    wanted = rebalancing.Wanted(by=by or None, up=up / 100, down=down / 100, seed=drawn, test=test)
    if start:
        rebalancing.start(view, wanted)
    widgets.note(
        "Only training rows are resampled, after the split: a copy of a test row in the training fold would make "
        "every figure too good."
    )
    return wanted
