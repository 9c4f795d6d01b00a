"""Mitigation trials: what makes the gap smaller, and what that costs whom."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.trade_off import trade_off
from rai_dash.core.target_words import wording
from rai_dash.core.texts import mark, tr
from rai_dash.trials.mitigation import Mitigated
from rai_dash.ui import mitigating, mitigating_frames, mitigating_words, rests_on, training, widgets
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "Mitigation trials",
    "step": "Judge",
    "order": 4,
    "icon": ":material/healing:",
    "question": "Can the gap between groups be made smaller, and what does that cost whom?",
    "needs": ("outcome", "groups"),
    "of_sample": True,
    "words": ("score", "favourable", "threshold", "target", "stand_in", "held_out", "mitigation", "group_thresholds",
              "reweighing", "gap", "equalized_odds", "demographic_parity", "seed", "boosted_trees"),
}  # fmt: skip
AXES = {
    "equalized_odds": mark("Gap in equalized odds"),
    "demographic_parity": mark("Gap in the share approved"),
    "equal_opportunity": mark("Gap in recall"),
}


def render(view: View) -> None:
    """Draw the page."""
    rests_on.sample_note(view.judgement.data.dataset, tr("every method is trained here, on rows in memory"))
    wanted = mitigating.form(view)
    job = training.finished(
        mitigating.key(view, wanted),
        idle=tr("Choose what to compare and start. Nothing is trained until then."),
    )
    if job is not None:
        _result(view, job.result)


def _result(view: View, result: Mitigated) -> None:
    words = wording(view.judgement.roles.target_kind)
    has_coin = mitigating_words.coin(result)
    widgets.finding(mitigating_words.finding(result), warn=has_coin)
    if has_coin:
        widgets.paragraph(
            tr(
                "**Nobody signs a coin flip.** Where a method decides by a coin, two people with the same "
                "application can get different answers, and the same person another one tomorrow."
            )
        )
    for text in (*mitigating_words.remarks(result), words.caution):
        if text:
            widgets.note(text)
    if result.base.gap.value is not None:
        _picture(result)
    widgets.heading(tr("Method by method"), tr("What it needs, who gains and who loses"))
    for trial in result.trials:
        mitigating_words.describe(result, trial, words)
    _tables(result)


def _picture(result: Mitigated) -> None:
    with st.container(border=True):
        widgets.heading(tr("Accuracy against the gap"), tr("Every method on the same untouched rows"))
        chart = trade_off(
            mitigating.dots(result), gap_title=tr(AXES[result.goal.value]), accuracy_title=tr("Accuracy")
        )
        widgets.draw(chart, key="trade_off")
        widgets.how_to_read(
            tr(
                "Further left is a smaller gap, further up is more right decisions; bars are 95 % intervals, "
                "and a halo grows with the share of decisions that depend on a coin. The intervals are wide "
                "because only part of the rows judges. Whether a change is more than chance is said above: "
                "all dots are of the same people, and the intervals of changes (99 %) allow for having tried "
                "five methods."
            )
        )


def _tables(result: Mitigated) -> None:
    widgets.numbers(
        lambda: mitigating_frames.method_frame(result),
        name="mitigation",
        key="mit",
        label=tr("Before and after"),
    )
    widgets.numbers(
        lambda: mitigating_frames.group_frame(result),
        name="mitigation_groups",
        key="mit_groups",
        label=tr("By group"),
        people="rows",
    )
    widgets.numbers(
        lambda: mitigating_frames.gap_frame(result),
        name="mitigation_gaps",
        key="mit_gaps",
        label=tr("The gap in each rate, and what chance alone gives"),
    )
    widgets.numbers(
        lambda: mitigating_frames.moves_frame(result),
        name="mitigation_moves",
        key="mit_moves",
        label=tr("Whose decision changes"),
        people=mitigating_frames.OF_MOVES,
    )


show(render, __file__)
