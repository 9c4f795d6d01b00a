"""Rebalance: what resampling the training fold changes on rows that nobody touched."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.before_after import before_after
from rai_dash.core.errors import RaiError
from rai_dash.trials.rebalance import Rebalanced
from rai_dash.ui import controls, rebalance_form, rebalancing, training, widgets
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.text import safe

PAGE = {
    "title": "Rebalance",
    "step": "Prepare",
    "order": 3,
    "icon": ":material/tune:",
    "question": "Does up- or downsampling the training rows help anybody, and what does it cost?",
    "needs": ("outcome",),
}


def render(view: View) -> None:
    """Draw the page."""
    wanted = rebalance_form.recipe_form(view)
    job = training.finished(
        rebalancing.key(view, wanted), idle="Choose a recipe and start. Nothing is trained until then."
    )
    if job is not None:
        _result(view, wanted, job.result)


def _result(view: View, wanted: rebalancing.Wanted, result: Rebalanced) -> None:
    widgets.finding(rebalancing.finding(result), warn=rebalancing.overstates(result))
    for text in rebalancing.remarks(result):
        widgets.note(text)
    rebalancing.cards(result)
    names, before, after, low, high = rebalancing.group_rates(view, result)
    with st.container(border=True):
        widgets.heading(
            "Recall and precision, before and after", "On the same untouched rows, at the same threshold"
        )
        widgets.draw(before_after(names, before, after, low=low, high=high), key="before_after")
        widgets.how_to_read(
            "Hollow is the model trained on the fold as it is, filled the one trained on the resampled fold, with "
            "its 95 % interval. A dash is undefined. Resampling mostly moves the threshold: compare at other "
            "thresholds before you credit it."
        )
    threshold = controls.threshold_slider()
    widgets.numbers(
        lambda: rebalancing.frame(result, threshold),
        name="rebalance",
        key="rebalance",
        label="Before and after",
    )
    widgets.numbers(
        lambda: rebalancing.cells_frame(result),
        name="training_cells",
        key="cells",
        label="Training rows a cell",
        people=rebalancing.OF_CELLS,
    )
    try:
        with st.container(horizontal=True):
            if st.button("Keep this model in the case", icon=":material/bookmark_add:", key="reb_keep"):
                rebalancing.keep(view, wanted, result)
                st.rerun()
            rebalancing.download(result)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))


show(render, __file__)
