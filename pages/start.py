"""Start: open a bundled case or bring your own; what is loaded, what is missing, where to go next."""

from __future__ import annotations

import streamlit as st

from rai_dash.case import Case
from rai_dash.samples import bundled_cases
from rai_dash.ui import doors, roles_form, state, upload, widgets
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe, sentence

PAGE = {
    "title": "Start",
    "step": "Prepare",
    "order": 0,
    "icon": ":material/home:",
    "question": "What are we judging, and what is still missing before anybody can sign it?",
}


def render(view: View) -> None:
    """Draw the page."""
    if view.case.story:
        widgets.finding(safe(view.case.story, limit=2000))
    if view.case.data:
        _loaded(view)
        _roles(view)
    _bring_your_own(view)
    _bundled()
    widgets.next_step("Next: see who is in the data, and who is not.", "data", label="Look at the data")


def _loaded(view: View) -> None:
    case = view.case
    widgets.heading("What is loaded")
    for item in case.data:
        n = count(item.dataset.n_rows)
        widgets.paragraph(
            f":material/table: **{safe(item.title)}**, {doors.ROLE_WORDS[item.role]}: {n} rows, "
            f"{count(len(item.dataset.frame.columns))} columns. {safe(item.source, limit=300)}"
        )
    for model in case.models:
        info = model.model.info
        widgets.paragraph(
            f":material/model_training: **{safe(model.title)}**: {safe(info.family)}, "
            f"{count(len(info.features))} columns. {sentence(model.note)}"
        )
    widgets.noticed([*view.judgement.data.dataset.warnings, *view.judgement.notices])
    doors.class_door(view)
    for missing in _missing(case, view):
        widgets.note(f":material/radio_button_unchecked: {missing}")


def _missing(case: Case, view: View) -> list[str]:
    """List what the case still lacks, in plain words."""
    roles = view.judgement.roles
    lacks = []
    if roles.target is None:
        lacks.append("No target yet: without an outcome there is no precision and no recall.")
    if not roles.sensitive:
        lacks.append("No sensitive column yet: without one there are no groups to compare.")
    if not case.models:
        lacks.append("No model yet: explanations and rebalancing with your own model need it.")
    if not view.judgement.has_scores:
        lacks.append("No scores yet: add a model or name a score column.")
    return lacks


def _roles(view: View) -> None:
    item = view.case.data_of(view.choices.data)
    confirmed = item.source != "uploaded" or st.session_state.get("confirmed") == view.case.id
    with st.expander(
        f"What each column of {safe(item.title)} is for", expanded=not confirmed, icon=":material/tune:"
    ):
        roles = roles_form.roles_form(item)
    if roles is None:
        return
    upload.set_roles(view.case, item.key, roles)
    st.session_state["confirmed"] = view.case.id
    st.rerun()


def _bring_your_own(view: View) -> None:
    widgets.heading(
        "Bring your own",
        "CSV (also gzip) or Parquet, and an XGBoost or scikit-learn model, or a table with a score column. "
        "Files stay in this server's memory, are read in a separate process, and are gone when the case is.",
    )
    left, right = st.columns(2)
    with left:
        doors.data_door(view)
    with right:
        doors.model_door(view)


def _bundled() -> None:
    widgets.heading("Or open a bundled case", "Each opens as your own copy.")
    for name, sample in bundled_cases().items():
        with st.container(border=True):
            widgets.paragraph(f"**{safe(sample.title)}**")
            widgets.note(safe(sample.story, limit=2000))
            if st.button("Open", key=f"open_{name}", icon=":material/folder_open:"):
                state.open_sample(name)
                st.rerun()


show(render, __file__)
