"""Start: open a bundled case or bring your own; what is loaded, what is missing, where to go next."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rai_dash.case import CaseData
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.core.types import Roles
from rai_dash.govern.people import AppRole
from rai_dash.ui import (
    case_story,
    doors,
    kept_card,
    loaded,
    model_door,
    read_only,
    rights,
    roles_form,
    upload,
    widgets,
)
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.text import safe, sentence
from rai_dash.ui.tour.door import door

PAGE = {
    "title": "Start",
    "step": "Prepare",
    "order": 0,
    "icon": ":material/home:",
    "question": "What are we judging, and what is still missing before anybody can sign it?",
    "words": ("score", "favourable", "target", "stand_in", "held_out", "imbalance", "in_sample", "sensitive",
              "feature", "weights", "up_sampling", "living_test_set", "accuracy", "seed", "boosted_trees"),
}  # fmt: skip


def render(view: View) -> None:
    """Draw the page."""
    door(view)
    if view.case.story:
        case_story.told(view.case)
    if view.case.data:
        loaded.loaded(view)
    if not read_only.is_on():
        _own_case(view)
    widgets.next_step(
        tr("Next: see who is in the data, and who is not."), "data", label=tr("Look at the data")
    )


def _own_case(view: View) -> None:
    if view.case.data:
        _roles(view)
    _bring_your_own(view)
    kept_card.kept_list()
    doors.bundled_door()
    kept_card.keep_box(view)


def _roles(view: View) -> None:
    item = view.case.data_of(view.choices.data)
    confirmed = item.source != "uploaded" or st.session_state.get("confirmed") == view.case.id
    with st.expander(
        tr("What each column of {item} is for", item=safe(item.title)),
        expanded=not confirmed,
        icon=":material/tune:",
    ):
        if not confirmed:
            widgets.paragraph(
                tr("**Check these guesses, then confirm them below.** Every figure of the app rests on them.")
            )
        allowed = rights.can_do(AppRole.ANALYST, upload.CHANGING_ROLES)
        roles = roles_form.roles_form(item) if allowed else None
    if roles is None:
        return
    try:
        _check(view, item, roles)
        upload.set_roles(view.case, item.key, roles)
    except RaiError as error:
        # Every page begins with the scores: with roles that give none nobody could come back to this form.
        widgets.problem(sentence(error.message))
        return
    st.session_state["confirmed"] = view.case.id
    st.rerun()


def _check(view: View, item: CaseData, roles: Roles) -> None:
    """Refuse roles with which the table cannot be judged, such as a score on another scale than was said."""
    if view.case.models:
        return  # the scores are the model's, and not read from the table
    view.case.with_data(replace(item, dataset=item.dataset.with_roles(roles))).judge(item.key)


def _bring_your_own(view: View) -> None:
    widgets.heading(
        tr("Bring your own"),
        tr(
            "A table (CSV, Excel, Parquet, Feather) with a score column, or a table and a model "
            "(scikit-learn, XGBoost, LightGBM, ONNX). Uploads stay in this server's memory, are opened in a "
            "locked process, and are gone when the case is, unless you keep it."
        ),
    )
    left, right = st.columns(2)
    with left:
        doors.data_door(view)
    with right:
        model_door.model_door(view)


show(render, __file__)
