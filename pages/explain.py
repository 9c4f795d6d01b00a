"""Explain a decision: SHAP and LIME for one applicant, and how far either can be trusted."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.contributions import contribution_order, contributions
from rai_dash.explain.agreement import agreement
from rai_dash.ui import applicant_picker, applicants, controls, explain_words, state, widgets
from rai_dash.ui.explanations import Explained, explain_row
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "Explain a decision",
    "step": "Judge",
    "order": 2,
    "icon": ":material/psychology_alt:",
    "question": "Why did this applicant get this score, and how far can the explanation be trusted?",
    "needs": ("scores", "model"),
}
SPACES = {"log-odds": "Expert: log-odds", "probability": "Business: probability points"}


def render(view: View) -> None:
    """Draw the page."""
    row = _chosen(view)
    left, right = st.columns([2, 1])
    with right:
        space = controls.pick("SHAP in", "space", list(SPACES), SPACES)
    with left:
        widgets.finding(explain_words.decision_sentence(view.judgement, row, state.choices().threshold))
    if view.judgement.unseen[row]:
        widgets.notice(explain_words.NEW_TO_THE_MODEL)
    with st.spinner("Asking the model about this applicant"):
        found = explain_row(view, row, space=space)
    _charts(found)
    for text in explain_words.cautions(found):
        widgets.notice(text)
    widgets.paragraph(
        explain_words.agreement_sentence(agreement(found.shap.values, found.lime.centred), found)
    )
    with st.expander("Find another applicant", icon=":material/search:", expanded=True):
        applicant_picker.find_applicant(view)


def _chosen(view: View) -> int:
    row = view.choices.row
    n = view.judgement.data.dataset.n_rows
    return row if 0 <= row < n else applicants.suggested(view.judgement, view.choices.threshold)


def _charts(found: Explained) -> None:
    order = contribution_order(found.shap.values, found.lime.centred)
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        widgets.heading("SHAP", explain_words.shap_line(found))
        chart = contributions(
            found.shap.values,
            order=order,
            space="log-odds" if found.shap.space == "log-odds" else "probability",
            method=found.shap.method,
            shown=found.own,
        )
        widgets.draw(chart, key="shap")
    with right, st.container(border=True, height="stretch"):
        widgets.heading("LIME", explain_words.lime_line(found))
        chart = contributions(
            found.lime.centred,
            order=order,
            space="probability",
            method="LIME, centred weights, mean over seeds",
            sd=found.lime.centred_sd,
            shown=found.own,
        )
        widgets.draw(chart, key="lime")
    widgets.how_to_read(
        "Bars to the right push towards approval, to the left towards refusal, compared with the average "
        "applicant. Both charts list the same columns in the same order. The whisker on LIME is how much its "
        "answer moves with the random seed."
    )
    widgets.numbers(lambda: explain_words.frame(found), name="explanation", key="explanation")


show(render, __file__)
