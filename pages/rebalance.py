"""Rebalance: what resampling the training fold changes on rows that nobody touched."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.before_after import before_after
from rai_dash.trials.rebalancing.figures import Line
from rai_dash.trials.rebalancing.results import Compared, Variant
from rai_dash.ui import (
    balanced_split,
    controls,
    rebalance_form,
    rebalance_frames,
    rebalance_keep,
    rebalance_leak,
    rebalance_words,
    rebalancing,
    rests_on,
    training,
    widgets,
)
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
    "of_sample": True,
}


def render(view: View) -> None:
    """Draw the page."""
    rests_on.sample_note(view.judgement.data.dataset, "models are trained here, on rows in memory")
    wanted = rebalance_form.recipe_form(view)
    job = training.finished(
        rebalancing.key(view, wanted), idle="Choose a recipe and start. Nothing is trained until then."
    )
    if job is not None:
        _result(view, wanted, job.result)
    rebalance_leak.leak_panel(view, seed=wanted.seed)
    with st.expander("A balanced training and test split", icon=":material/splitscreen:"):
        balanced_split.split_panel(view)


def _result(view: View, wanted: rebalancing.Wanted, study: rebalancing.Study) -> None:
    for arena in (rebalancing.OWN, rebalancing.OTHER)[: 1 if study.other is None else 2]:
        found = rebalancing.lines_of(view, wanted, study, arena)
        on = safe(rebalancing.arena_title(view, wanted, arena))
        widgets.finding(
            f"**On {on}.** {rebalance_words.banner(study.arena(arena), found)}",
            warn=rebalance_words.overstates(found),
        )
    which = rebalancing.OWN if study.other is None else rebalancing.pick_arena(view, wanted)
    compared, lines = study.arena(which), rebalancing.lines_of(view, wanted, study, which)
    for text in rebalance_words.remarks(compared, lines):
        widgets.note(text)
    _table(lines)
    variant = _chart(compared, lines)
    controls.threshold_slider()
    _numbers(compared, lines, variant)
    rebalance_keep.keep_box(view, compared, variant)


def _table(lines: tuple[Line, ...]) -> None:
    with st.container(border=True):
        widgets.heading(
            "All strategies on the same untouched rows",
            "Mean over the seeds, with the range where it differs",
        )
        corrected = controls.switch(
            "Correct resampled scores for the share of favourable outcomes that there was", "corrected"
        )
        frame = rebalance_frames.summary(lines, corrected=corrected)
        st.dataframe(frame, hide_index=True, alt="Table: all strategies")
        widgets.how_to_read(rebalance_words.HOW_TO_READ)


def _chart(compared: Compared, lines: tuple[Line, ...]) -> Variant:
    with st.container(border=True):
        widgets.heading("Recall and precision, as it is and after", "On the same untouched rows, first seed")
        variant = rebalancing.pick_variant(compared)
        matched = controls.switch("Both approve the same share", "matched")
        base, shown = (
            next(one for one in lines if one.variant.strategy.key == key)
            for key in ("none", variant.strategy.key)
        )
        names, before, after, low, high = rebalance_frames.dots(base, shown, matched=matched)
        widgets.draw(before_after(names, before, after, low=low, high=high), key="before_after")
        widgets.note(rebalance_words.over_the_seeds(shown, matched=matched))
        widgets.how_to_read(rebalance_words.HOW_TO_READ_CHART)
    return variant


def _numbers(compared: Compared, lines: tuple[Line, ...], variant: Variant) -> None:
    frames = rebalance_frames
    widgets.numbers(lambda: frames.full_frame(lines), name="strategies", key="reb_all", label="All figures")
    if lines[0].gaps:
        widgets.numbers(
            lambda: frames.gap_frame(lines), name="strategy_gaps", key="reb_gaps", label="Gaps between groups"
        )
    widgets.numbers(
        lambda: frames.group_frame(lines),
        name="strategy_groups", key="reb_groups", label="Rates by group", people=frames.OF_GROUPS,
    )  # fmt: skip
    widgets.numbers(
        lambda: frames.cells_frame(compared, variant),
        name="training_cells", key="cells", label="Training rows a cell", people=frames.OF_CELLS,
    )  # fmt: skip


show(render, __file__)
