"""Rebalance: what resampling the training fold changes on rows that nobody touched."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.before_after import before_after
from rai_dash.core.texts import tr
from rai_dash.trials.rebalancing.figures import Line
from rai_dash.trials.rebalancing.results import Compared, Variant
from rai_dash.ui import (
    balanced_split,
    controls,
    headers,
    rebalance_form,
    rebalance_frames,
    rebalance_keep,
    rebalance_leak,
    rebalance_tables,
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
    "words": ("favourable", "threshold", "target", "stand_in", "held_out", "feature", "imbalance", "prior_shift",
              "up_sampling", "down_sampling", "weights", "cross_validation", "seed", "bootstrap", "small_group",
              "auc", "calibration", "recall", "precision", "balanced_accuracy", "accuracy", "fpr", "boosted_trees"),
}  # fmt: skip


def render(view: View) -> None:
    """Draw the page."""
    rests_on.sample_note(view.judgement.data.dataset, tr("models are trained here, on rows in memory"))
    wanted = rebalance_form.recipe_form(view)
    job = training.finished(
        rebalancing.key(view, wanted), idle=tr("Choose a recipe and start. Nothing is trained until then.")
    )
    if job is not None:
        _result(view, wanted, job.result)
    rebalance_leak.leak_panel(view, seed=wanted.seed)
    with st.expander(tr("A balanced training and test split"), icon=":material/splitscreen:"):
        balanced_split.split_panel(view)
    widgets.next_step(
        tr("Next: how good the model is."),
        "performance",
        label=tr("See the performance"),
    )


def _result(view: View, wanted: rebalancing.Wanted, study: rebalancing.Study) -> None:
    for arena in (rebalancing.OWN, rebalancing.OTHER)[: 1 if study.other is None else 2]:
        found = rebalancing.lines_of(view, wanted, study, arena)
        on = safe(rebalancing.arena_title(view, wanted, arena))
        widgets.finding(
            tr("**On {on}.** {banner}", on=on, banner=rebalance_words.banner(study.arena(arena), found)),
            warn=rebalance_words.overstates(found),
        )
    which = rebalancing.OWN if study.other is None else rebalancing.pick_arena(view, wanted)
    compared, lines = study.arena(which), rebalancing.lines_of(view, wanted, study, which)
    for text in rebalance_words.remarks(compared, lines):
        widgets.note(text)
    _table(lines)
    variant = _chart(compared, lines)
    controls.threshold_slider()
    rebalance_tables.tables(compared, lines, variant)
    rebalance_keep.keep_box(view, compared, variant)


def _table(lines: tuple[Line, ...]) -> None:
    with st.container(border=True):
        widgets.heading(
            tr("All strategies on the same untouched rows"),
            tr("Mean over the seeds, with the range where it differs"),
        )
        corrected = controls.switch(
            tr("Correct resampled scores for the share of favourable outcomes that there was"), "corrected"
        )
        frame = rebalance_frames.summary(lines, corrected=corrected)
        st.dataframe(headers.shown(frame), hide_index=True, alt=tr("Table: all strategies"))
        widgets.how_to_read(tr(rebalance_words.HOW_TO_READ))


def _chart(compared: Compared, lines: tuple[Line, ...]) -> Variant:
    with st.container(border=True):
        widgets.heading(
            tr("Recall and precision, as it is and after"), tr("On the same untouched rows, first seed")
        )
        variant = rebalancing.pick_variant(compared)
        matched = controls.switch(tr("Both approve the same share"), "matched")
        base, shown = (
            next(one for one in lines if one.variant.strategy.key == key)
            for key in ("none", variant.strategy.key)
        )
        names, before, after, low, high = rebalance_frames.dots(base, shown, matched=matched)
        widgets.draw(before_after(names, before, after, low=low, high=high), key="before_after")
        widgets.note(rebalance_words.over_the_seeds(shown, matched=matched))
        widgets.how_to_read(tr(rebalance_words.HOW_TO_READ_CHART))
    return variant


show(render, __file__)
