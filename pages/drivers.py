"""What drives the model: which columns move its scores, for whom, together with what, and how steadily."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.texts import all_of, mark, tr
from rai_dash.report.correlated import Blocks
from rai_dash.ui import controls, rests_on, widgets
from rai_dash.ui.deciding.shap_and_lime import SPACES
from rai_dash.ui.drivers import words
from rai_dash.ui.drivers.by_group import by_group
from rai_dash.ui.drivers.columns import one_column
from rai_dash.ui.drivers.explain_all import everyone
from rai_dash.ui.drivers.importance import importance
from rai_dash.ui.drivers.interactions import interactions
from rai_dash.ui.drivers.look import correlated_blocks, look_at
from rai_dash.ui.drivers.noise import under_noise
from rai_dash.ui.drivers.swarm import swarm
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "What drives the model",
    "step": "Judge",
    "order": 3,
    "icon": ":material/account_tree:",
    "question": "Which columns move the model's scores, for whom, and how steady is that?",
    "needs": ("scores", "model"),
    "of_sample": True,
    "words": ("score", "favourable", "threshold", "target", "stand_in", "held_out", "shap", "contribution",
              "log_odds", "background", "additivity_error", "interventional", "permutation", "partial_dependence",
              "ice", "ale", "interaction", "block", "correlation", "noise", "flip", "interval", "holm", "auc",
              "log_loss", "brier", "mean_score", "sensitive", "gap", "deviation", "boosted_trees"),
}  # fmt: skip
VIEWS = {
    "importance": mark("Importance"),
    "column": mark("One column"),
    "swarm": mark("Every applicant"),
    "groups": mark("By group"),
    "pairs": mark("Interactions"),
    "noise": mark("Under noise"),
}
#: Views that count a block as one column; in the others a block's columns move along, or are no pair.
_JOINED = {"importance": importance, "swarm": swarm, "groups": by_group}


def render(view: View) -> None:
    """Draw the page."""
    rests_on.sample_note(view.judgement.data.dataset, tr("the model is asked about single applicants"))
    chosen = controls.view(tr("View"), "drivers", VIEWS)
    left, right = st.columns([1, 2], gap="medium")
    with left:
        space = controls.pick(tr("Contributions in"), "space", list(SPACES), all_of(SPACES))
    blocks: Blocks = ()
    if chosen == "noise":
        under_noise(view, space=space)
        return
    with right:
        blocks = _blocks(view)
    joined = blocks if chosen in _JOINED else ()
    found = everyone(view, space=space, blocks=joined)
    if found is None:
        return
    look = look_at(view, found, joined)
    if note := words.space_note(look, space):
        widgets.note(note)
    if chosen == "column":
        one_column(look, blocks)
    elif chosen == "pairs":
        interactions(look, blocks)
    else:
        _JOINED[chosen](look)


def _blocks(view: View) -> Blocks:
    """Let the user count correlated blocks as one column, where there are some."""
    found = correlated_blocks(view)
    if not found:
        widgets.note(words.blocks_note(()))
        return ()
    is_on = controls.switch(tr("Correlated blocks as one column"), "linked")
    widgets.note(words.blocks_note(found))
    return found if is_on else ()


show(render, __file__)
