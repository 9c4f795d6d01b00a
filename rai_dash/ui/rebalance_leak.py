"""The warning example of the Rebalance page: copies made before the split."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.trials.rebalancing.leak import Leak, leak_example
from rai_dash.ui import training, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import count, number, percent


def leak_panel(view: View, *, seed: int) -> None:
    """Show behind an expander what resampling before the split pretends; computed on request, no model is kept."""
    key = training.job_key(view, "leak example", {"seed": seed})
    with st.expander(tr("How to fool yourself: resampling before the split"), icon=":material/warning:"):
        widgets.notice(
            tr(
                "**A warning example, not a result.** Copies made before the split put the same people into "
                "training and test. Nothing of it can be kept."
            )
        )
        if training.start_button(tr("Show what it would pretend"), icon=":material/science:", key="reb_leak"):
            _start(view, key, seed)
        job = training.finished(key, idle=tr("Two models are trained for it, and thrown away."))
        if job is not None:
            _told(job.result)


def _start(view: View, key: str, seed: int) -> None:
    judgement = view.judgement
    dataset = judgement.data.dataset
    model = judgement.model.model if judgement.model else None

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Leak:
        return leak_example(dataset, model, seed=seed, progress=progress, cancelled=cancelled)

    training.start(key, work)


def _told(leak: Leak) -> None:
    wrong, right = st.columns(2)
    with wrong:
        widgets.card(
            tr("WRONG: AUC shown, copies first"),
            number(leak.shown_auc, digits=3),
            tr("precision shown: {shown_precision}", shown_precision=percent(leak.shown_precision)),
        )
    with right:
        widgets.card(
            tr("Honest AUC, split first"),
            number(leak.honest_auc, digits=3),
            tr("precision: {honest_precision}", honest_precision=percent(leak.honest_precision)),
        )
    widgets.paragraph(
        tr(
            "**{copied} of {test_rows}** test rows of the wrong way were trained on as well: the model has "
            "seen the answers. Its test rows are balanced too, which lifts the precision by itself.",
            copied=count(leak.copied),
            test_rows=count(leak.test_rows),
        )
    )
