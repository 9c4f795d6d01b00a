"""The controls of the Rebalance page."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.trials.rebalancing.comparing import MOST_SEEDS
from rai_dash.trials.rebalancing.strategies import JOINT, NONE, STRATEGIES
from rai_dash.ui import controls, rebalancing, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import plain

#: Always trained: the others are read against them.
_ALWAYS: Final = (NONE.key, JOINT.key)
_OFFERED: Final = tuple(k for k in STRATEGIES if k not in _ALWAYS)
_FIRST: Final = tuple(k for k in _OFFERED if k != "smote")
_KEPT_SEEDS, _KEPT_STRATEGIES = "reb_seeds_kept", "reb_strategies_kept"


def recipe_form(view: View) -> rebalancing.Wanted:
    """Show the controls; the start button starts the job. Returns what they describe."""
    case, roles = view.case, view.judgement.roles
    with st.container(border=True):
        left, middle, right = st.columns(3)
        with left:
            by = controls.pick(
                "Your recipe: balance the outcome within",
                "balance_by",
                [*roles.sensitive, ""],
                {"": "everyone together"},
            )
            drawn = controls.seed_input()
        with middle:
            up = controls.whole_percent("Top small cells up to … of the largest", "up")
            others = [d for d in case.data if d.key != view.judgement.data.key]
            titles = {"": "its own test rows only", **{d.key: plain(d.title) for d in others}}
            test = controls.pick("Judge on its own test rows and", "balance_on", list(titles), titles)
        with right:
            down = controls.whole_percent("Cut large cells down to … of the largest", "down")
            seeds = _seeds()
        strategies = _strategies()
        start = st.button("Train and compare", icon=":material/model_training:", key="reb_go")
    wanted = rebalancing.Wanted(
        by=by or None, up=up / 100, down=down / 100, seed=drawn, test=test, seeds=seeds, strategies=strategies
    )
    if start:
        rebalancing.start(view, wanted)
    widgets.note(
        "Only training rows are resampled, after the split: a copy of a test row in the training fold would make "
        "every figure too good."
    )
    return wanted


def _seeds() -> int:
    """Let the user set how often everything is repeated; kept by the session, since a change of page forgets it."""
    controls.seed("reb_seeds", st.session_state.get(_KEPT_SEEDS, 3))
    st.number_input(
        "Repeat with … seeds",
        1,
        MOST_SEEDS,
        key="reb_seeds",
        on_change=_remember,
        args=(_KEPT_SEEDS, "reb_seeds"),
        help="Each seed redraws the copies, and the split where the data name none. The range shows what is luck.",
    )
    return int(st.session_state["reb_seeds"])


def _strategies() -> tuple[str, ...]:
    """Let the user choose what is tried beside the model as it is and the recipe."""
    controls.seed("reb_strategies", st.session_state.get(_KEPT_STRATEGIES, list(_FIRST)))
    st.pills(
        "Compare your recipe with the model as it is and",
        list(_OFFERED),
        selection_mode="multi",
        key="reb_strategies",
        format_func=lambda k: STRATEGIES[k].title,
        on_change=_remember,
        args=(_KEPT_STRATEGIES, "reb_strategies"),
    )
    chosen = {*st.session_state["reb_strategies"], *_ALWAYS}
    return tuple(k for k in STRATEGIES if k in chosen)


def _remember(kept: str, key: str) -> None:
    st.session_state[kept] = st.session_state[key]
