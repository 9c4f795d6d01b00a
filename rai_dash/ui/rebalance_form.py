"""The controls of the Rebalance page."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.trials.rebalancing.comparing import MOST_SEEDS
from rai_dash.trials.rebalancing.strategies import JOINT, NONE, OWN, STRATEGIES
from rai_dash.ui import controls, rebalance_cells, rebalancing, training, widgets
from rai_dash.ui.rebalancing import Wanted
from rai_dash.ui.state import View
from rai_dash.ui.text import plain

#: Always trained: the others are read against them; the own column is tried as soon as one is named.
_ALWAYS: Final = (NONE.key, JOINT.key)
_OFFERED: Final = tuple(k for k in STRATEGIES if k not in {*_ALWAYS, OWN.key})


def recipe_form(view: View) -> Wanted:
    """Show the controls and the training fold they lead to; the button starts the job. Returns what is wanted."""
    with st.container(border=True):
        quick = _recipe(view)
    wanted, is_ready = rebalance_cells.fold_panel(view, quick)
    if training.start_button(
        tr("Train and compare"),
        icon=":material/model_training:",
        key="reb_go",
        disabled=not is_ready,
    ):
        rebalancing.start(view, wanted)
    widgets.note(
        tr(
            "Only training rows are resampled, after the split: a copy of a test row in the training fold "
            "would make every figure too good."
        )
    )
    return wanted


def _recipe(view: View) -> Wanted:
    """Show the controls of the recipe and of the comparison."""
    case, roles = view.case, view.judgement.roles
    left, middle, right = st.columns(3)
    with left:
        by = controls.pick(
            tr("Your recipe: balance the outcome within"),
            "balance_by",
            [*roles.sensitive, ""],
            {"": tr("everyone together")},
        )
    with middle:
        up = controls.whole_percent(tr("Top small cells up to … of the largest"), "up")
    with right:
        down = controls.whole_percent(tr("Cut large cells down to … of the largest"), "down")
    others = [d for d in case.data if d.key != view.judgement.data.key]
    titles = {"": tr("its own test rows only"), **{d.key: plain(d.title) for d in others}}
    test = controls.pick(tr("Judge on its own test rows and"), "balance_on", list(titles), titles)
    with st.expander(tr("What it is compared with, and the luck of the draw"), icon=":material/tune:"):
        strategies, column = _strategies(view)
        drawn, seeds = _luck()
    return Wanted(
        by=by or None, up=min(up, down) / 100, down=down / 100, seed=drawn, test=test, seeds=seeds,
        strategies=strategies, cells=(), column=column,
    )  # fmt: skip


def _luck() -> tuple[int, int]:
    """Let the user choose the first seed, and how many there are."""
    left, right = st.columns(2)
    with left:
        drawn = controls.seed_input()
    with right:
        seeds = controls.whole_number(
            tr("Repeat with … seeds"),
            "seeds",
            least=1,
            most=MOST_SEEDS,
            meaning=tr(
                "Each seed redraws the copies, and the split where the data name none. The range is luck."
            ),
        )
    return drawn, seeds


def _strategies(view: View) -> tuple[tuple[str, ...], str | None]:
    """Let the user choose what is tried beside the model as it is and the recipe, and a column of one's own."""
    tried = controls.several(
        tr("Compare your recipe with the model as it is and"),
        "tried",
        _OFFERED,
        {k: tr(STRATEGIES[k].title) for k in _OFFERED},
    )
    roles = view.judgement.roles
    taken = {roles.target, roles.weight, roles.split}
    columns = [c for c in view.judgement.data.dataset.columns if c not in taken]
    column = controls.pick(
        tr("Your own training column"),
        "own_column",
        ["", *columns],
        {"": tr("none")},
        meaning=tr("Says which rows are trained on (yes or no), or with which weight. Test rows never are."),
    )
    chosen = {*tried, *_ALWAYS, *([OWN.key] if column else [])}
    return tuple(k for k in STRATEGIES if k in chosen), column or None
