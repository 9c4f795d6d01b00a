"""Compare models: candidates on the same applications, who is decided differently, and which one is chosen."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.target_words import wording
from rai_dash.core.texts import mark, tr
from rai_dash.ui import controls, rests_on, widgets
from rai_dash.ui.models import (
    choosing,
    cost,
    decided,
    figures,
    head,
    living,
    people,
    problems,
    reasons,
    words,
)
from rai_dash.ui.models.look import look_at
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "Compare models",
    "step": "Watch",
    "order": 2,
    "icon": ":material/balance:",
    "question": "Which model would we rather sign, and who is decided differently?",
    "needs": ("data",),
    "own_rows": True,
    "of_sample": True,
    "words": ("score", "favourable", "threshold", "target", "stand_in", "held_out", "living_test_set", "interval",
              "holm", "gap", "selection_rate", "recall", "precision", "fpr", "fnr", "accuracy", "balanced_accuracy",
              "f1", "auc", "brier", "expected_cost", "contribution", "shap", "review_band", "boosted_trees",
              "conformal"),
}  # fmt: skip
VIEWS = {
    "figures": mark("Figures"),
    "groups": mark("By group"),
    "people": mark("Who is decided differently"),
    "problems": mark("Problems"),
    "cost": mark("Cost"),
    "reasons": mark("What they lean on"),
    "living": mark("Test set"),
    "choose": mark("Choose one"),
}
_PANELS = {
    "figures": figures.everyone,
    "groups": figures.by_group,
    "people": people.panel,
    "problems": problems.panel,
    "cost": cost.panel,
    "reasons": reasons.panel,
    "living": living.panel,
    "choose": choosing.panel,
}


def render(view: View) -> None:
    """Draw the page."""
    if len(view.case.models) < 2:
        _one_model(view)
        return
    # What is asked stands above what is found, as on every page: the first comparison takes a while, and would push it.
    look = look_at(view)
    if look is None:
        return
    living.catch_up(look)
    head.chips(look)
    rests_on.sample_note(look.found.data.dataset, tr("models are compared applicant by applicant"))
    widgets.finding(words.finding(look), warn=words.is_worse(look))
    for one in look.found.candidates:
        text = words.exposure_sentence(one)
        if text and words.too_good(one):
            widgets.notice(text)
        elif text:
            widgets.note(text)
    if look.found.left_out:
        widgets.note(words.left_out_sentence(look.found.left_out))
    decided.tell(look)
    caution = wording(look.found.data.dataset.roles.target_kind).caution
    if caution:
        widgets.note(caution)
    chosen = controls.view(tr("View"), "candidates", VIEWS)
    with st.container(border=True):
        _PANELS[chosen](look)
    widgets.next_step(tr("What is different about the other model?"), "changed", label=tr("See what changed"))


def _one_model(view: View) -> None:
    """Say how to get a second model."""
    there = tr("one model") if view.case.models else tr("no model")
    widgets.missing_box(
        widgets.Missing(
            tr(
                "This case has {there}, and a comparison needs two. Add a model file on the Start page, or "
                "keep the model of a variant on the Rebalance page.",
                there=there,
            )
        )
    )
    widgets.next_step(tr("A variant of the model that you have:"), "rebalance", label=tr("Go to Rebalance"))


show(render, __file__)
