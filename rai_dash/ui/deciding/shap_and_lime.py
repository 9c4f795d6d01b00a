"""Why: SHAP and LIME side by side, in the same order and colours, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import pandas as pd
import streamlit as st

from rai_dash.charts.contributions import Space, contribution_order, contributions
from rai_dash.core.errors import UnsupportedModel
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.core.types import Explanation
from rai_dash.explain._base import INTERVENTIONAL, LOG_ODDS, PATH_DEPENDENT
from rai_dash.explain.agreement import Agreement, agreement
from rai_dash.explain.lime_blocks import joined_lime
from rai_dash.explain.question import Question
from rai_dash.explain.reasons import shown
from rai_dash.ui import controls, explain_words, meanings, widgets
from rai_dash.ui.deciding.printing import print_button
from rai_dash.ui.drivers.look import correlated_blocks
from rai_dash.ui.explanations import Applicant, Explained, shap_of
from rai_dash.ui.text import safe

SPACES = {"log-odds": mark("Expert: log-odds"), "probability": mark("Business: probability points")}
UNKNOWN = {
    INTERVENTIONAL: mark("Against the reference rows"),
    PATH_DEPENDENT: mark("Path-dependent, as XGBoost's own"),
}
UNKNOWN_HELP = mark(
    "What stands in for a column that is not known. Reference rows: the values others have, whatever "
    "goes with them. Path-dependent, of tree ensembles only: both branches of a split, weighted by the "
    "training rows; this is what XGBoost's own contributions are."
)
#: Columns of the two charts.
MOST_COLUMNS = 12
#: Which columns are shown, for the applicant and question where LIME changed that.
_ORDER = "contribution_order"
_SPACE: dict[str, Space] = {LOG_ODDS: "log-odds"}


def why(applicant: Applicant) -> None:
    """Draw SHAP, then LIME beside it, then what must be known about both."""
    question, is_raw = _asked(applicant)
    left, right = st.columns(2, gap="medium")
    with right:
        lime_place = st.empty()
    try:
        with lime_place, st.spinner(tr("Asking the model about this applicant")):
            shap = shap_of(applicant, question)
    except UnsupportedModel as error:
        widgets.problem(safe(error.message, limit=600))
        return
    # SHAP stands before LIME, which is slower, has been asked for. No placeholder: the chart of the applicant before is
    # fed with new data, which is faster than a new one.
    asked = (applicant.view.case.id, applicant.row, question)
    kept, order = st.session_state.get(_ORDER, (None, ()))
    if kept != asked:
        order = contribution_order(shap.values, {}, k=MOST_COLUMNS)
    with left:
        _shap_box(applicant, shap, order)
    with lime_place, st.spinner(tr("Asking LIME")):
        lime = joined_lime(applicant.lime, question.blocks)
    whole = contribution_order(shap.values, lime.centred, k=MOST_COLUMNS)
    if whole != order:
        # Of many columns LIME wants others to be shown.
        st.session_state[_ORDER] = (asked, whole)
        st.rerun()
    found = Explained(
        row=applicant.row, shap=shap, lime=lime, own=applicant.own, sensitive=applicant.sensitive
    )
    with lime_place.container(border=True):
        _lime_box(found, order, is_raw=is_raw)
    _below(found)
    print_button(applicant, found, question)


def _asked(applicant: Applicant) -> tuple[Question, bool]:
    """Let the user choose how SHAP and LIME are asked and drawn."""
    first, second, third = st.columns([1, 1, 1], gap="medium", vertical_alignment="bottom")
    with first:
        space = controls.pick(tr("SHAP in"), "space", list(SPACES), all_of(SPACES))
    with second:
        unknown = controls.pick(
            tr("A column that is not known"),
            "unknown",
            list(UNKNOWN),
            all_of(UNKNOWN),
            meaning=tr(UNKNOWN_HELP),
        )
    blocks = correlated_blocks(applicant.view)
    with third:
        is_raw = controls.switch(tr("LIME's raw weights"), "raw")
        is_joined = bool(blocks) and controls.switch(tr("Correlated blocks as one column"), "linked")
    return Question(space=space, perturbation=unknown, blocks=blocks if is_joined else ()), is_raw


def _written(own: Mapping[str, object]) -> dict[str, str]:
    return {name: shown(value) for name, value in own.items()}


def _shap_box(applicant: Applicant, shap: Explanation, order: tuple[str, ...]) -> None:
    with st.container(border=True):
        widgets.heading(tr("SHAP"), explain_words.shap_line(shap), meaning=meanings.meaning("shap"))
        chart = contributions(
            shap.values,
            order=order,
            space=_SPACE.get(shap.space, "probability"),
            method=shap.method,
            sd=shap.errors or None,
            shown=_written(applicant.own),
        )
        widgets.draw(chart, key="shap", title=tr("SHAP"))


def _lime_box(found: Explained, order: tuple[str, ...], *, is_raw: bool) -> None:
    lime = found.lime
    widgets.heading(tr("LIME"), explain_words.lime_line(found), meaning=meanings.meaning("lime"))
    chart = contributions(
        lime.values if is_raw else lime.centred,
        order=order,
        space="weight" if is_raw else "probability",
        method=tr("LIME, {which} weights, mean over seeds", which=tr("raw") if is_raw else tr("centred")),
        sd=lime.sd if is_raw else lime.centred_sd,
        shown=_written(found.own),
    )
    widgets.draw(chart, key="lime", title=tr("LIME"))
    if is_raw:
        widgets.note(tr(explain_words.RAW))


def _below(found: Explained) -> None:
    widgets.how_to_read(
        tr(
            "Bars to the right push towards approval, to the left towards refusal, compared with the average "
            "applicant. Both charts list the same columns in the same order. The whisker on LIME is how much "
            "its answer moves with the random seed."
        )
    )
    for text in explain_words.cautions(found):
        widgets.notice(text)
    same = agreement(found.shap.values, found.lime.centred)
    widgets.paragraph(explain_words.agreement_sentence(same, found))
    widgets.numbers(lambda: explain_words.frame(found), name="explanation", key="explanation")
    widgets.numbers(
        lambda: agreement_frame(same, found.shap), name="agreement", key="agreement", label=tr("Agreement")
    )


def agreement_frame(same: Agreement, shap: Explanation) -> pd.DataFrame:
    """Return one row: how far the k largest columns of SHAP and LIME agree, and in which space SHAP is."""
    return pd.DataFrame([{"SHAP in": shap.space, **asdict(same)}])
