"""Explain a decision: why it fell, what would change it, and what may be given as a reason."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.ui import applicant_picker, applicants, controls, explain_words, rests_on, rights, widgets
from rai_dash.ui.deciding.change import change
from rai_dash.ui.deciding.refusal import refusal
from rai_dash.ui.deciding.shap_and_lime import why
from rai_dash.ui.deciding.steady import steady
from rai_dash.ui.deciding.what_if import what_if_view
from rai_dash.ui.explanations import applicant_of
from rai_dash.ui.problems import flagging
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "Explain a decision",
    "step": "Judge",
    "order": 2,
    "icon": ":material/psychology_alt:",
    "question": "Why did this applicant get this score, and how far can the explanation be trusted?",
    "needs": ("scores", "model"),
    "of_sample": True,
    "words": ("score", "favourable", "threshold", "target", "stand_in", "held_out", "review_band", "shap", "lime",
              "contribution", "log_odds", "background", "additivity_error", "interventional", "block", "correlation",
              "spearman", "ice", "counterfactual", "noise", "flip", "median", "quantile", "odds", "seed", "weights",
              "sensitive", "r_squared", "boosted_trees"),
}  # fmt: skip
VIEWS = {
    "contributions": mark("Why"),
    "what_if": mark("What if"),
    "change": mark("What would change it"),
    "reasons": mark("Reasons for a refusal"),
}
_DRAW = {"contributions": why, "what_if": what_if_view, "change": change, "reasons": refusal}


def render(view: View) -> None:
    """Draw the page."""
    if not rights.rows_shown():
        return
    rests_on.sample_note(
        view.judgement.data.dataset, tr("single applicants are looked at, and only those are here")
    )
    row = _chosen(view)
    widgets.finding(explain_words.decision_sentence(view.judgement, row, view.choices.threshold))
    applicant_picker.step_buttons(row)
    if view.judgement.unseen[row]:
        widgets.notice(tr(explain_words.NEW_TO_THE_MODEL))
    chosen = controls.view(tr("View"), "why", VIEWS)
    applicant = applicant_of(view, row)
    _DRAW[chosen](applicant)
    if chosen == "contributions":
        steady(applicant)
    flagging.explanation(view, row)
    with st.expander(tr("Find another applicant"), icon=":material/search:", expanded=True):
        applicant_picker.find_applicant(view)


def _chosen(view: View) -> int:
    row = view.choices.row
    n = view.judgement.data.dataset.n_rows
    return row if 0 <= row < n else applicants.suggested(view.judgement, view.choices.threshold)


show(render, __file__)
