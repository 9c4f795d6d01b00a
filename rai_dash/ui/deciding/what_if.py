"""What if: the applicant with other values, and the score along one of them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.data.columns import is_number
from rai_dash.data.labels import label_text
from rai_dash.explain.client import score_of
from rai_dash.explain.moved_along import changes_from, moved_along, typical_row
from rai_dash.explain.what_if import WhatIf, what_if
from rai_dash.report.decision_work import OWN, TYPICAL
from rai_dash.ui import widgets
from rai_dash.ui.applicants import name_of
from rai_dash.ui.deciding import words
from rai_dash.ui.deciding.curve import curve
from rai_dash.ui.explanations import Applicant
from rai_dash.ui.text import percent, plain, safe

START = {OWN: mark("This applicant's values"), TYPICAL: mark("Typical values")}
#: More columns than this are not shown all at once.
MOST_FIELDS = 24
#: Longer lists of categories are typed and not chosen.
MOST_OPTIONS = 200
_ACROSS = 4
_TOUCHED = "what_if_touched"


def what_if_view(applicant: Applicant) -> None:
    """Let the user type other values, and say what the model makes of them."""
    left, right = st.columns(2, vertical_alignment="bottom")
    start = left.selectbox(
        tr("Start from"), list(START), format_func=lambda one: tr(START[one]), key="what_if_start"
    )
    base = typical_row(applicant.reference) if start == TYPICAL else applicant.one
    with right:
        is_open = not applicant.sensitive or st.toggle(tr("Unlock sensitive columns"), key="what_if_unlock")
    if applicant.sensitive and not is_open:
        widgets.note(words.locked(applicant.sensitive))
    with st.container(border=True):
        typed = _fields(applicant, base, start or OWN, locked=() if is_open else applicant.sensitive)
    changes, moves_along = _with_linked(applicant, changes_from(applicant.one, base, typed))
    try:
        found = what_if(
            score_of(applicant.model), applicant.one, changes, applicant.reference,
            categories=applicant.categories,
        )  # fmt: skip
    except InvalidChoice as error:
        widgets.problem(safe(error.message.replace("`", "'"), limit=600))
        return
    _result(applicant, found)
    curve(applicant, found, touched=str(st.session_state.get(_TOUCHED, "")), moves_along=moves_along)


def _shown_columns(applicant: Applicant) -> list[str]:
    names = list(applicant.names)
    if len(names) <= MOST_FIELDS:
        return names
    return st.multiselect(
        tr("Columns to type in"), names, default=names[:8], format_func=plain, key="what_if_columns"
    )


def _fields(
    applicant: Applicant, base: pd.DataFrame, start: str, *, locked: tuple[str, ...]
) -> dict[str, str]:
    """Draw one field a column; return what was typed where it differs from what the field started with."""
    typed: dict[str, str] = {}
    shown = _shown_columns(applicant)
    for at in range(0, len(shown), _ACROSS):
        for box, name in zip(st.columns(_ACROSS), shown[at : at + _ACROSS], strict=False):
            first = label_text(base[name].iloc[0])
            key = f"what_if_{applicant.row}_{start}_{applicant.names.index(name)}"
            with box:
                text = _field(applicant, name, first, key, is_locked=name in locked)
            if text != first:
                typed[name] = text
    return typed


def _field(applicant: Applicant, name: str, first: str, key: str, *, is_locked: bool) -> str:
    now = first if is_locked else st.session_state.get(key, first)
    text_now = first if now is None else str(now)
    own = label_text(applicant.one[name].iloc[0])
    label = (
        safe(name)
        if text_now == own
        else tr(":orange[**{name}**, was {own}]", name=safe(name), own=safe(own or tr("blank"), limit=30))
    )
    options = _options(applicant, name, first)
    if is_locked:
        # A field, not a list: Streamlit writes the label of a list that is locked too pale to be read.
        return st.text_input(label, value=first, key=f"{key}_locked", disabled=True)
    if not options:
        return st.text_input(label, value=first, key=key, on_change=_touch, args=(name,))
    picked = st.selectbox(
        label,
        options,
        index=options.index(first),
        key=key,
        accept_new_options=True,
        format_func=lambda o: plain(o) if o else "(blank)",
        on_change=_touch,
        args=(name,),
    )
    return str(picked or "")


def _touch(name: str) -> None:
    st.session_state[_TOUCHED] = name


def _options(applicant: Applicant, name: str, first: str) -> list[str]:
    """List the categories of a column, as the model or the reference rows know them; none for numbers."""
    series = applicant.reference[name]
    if is_number(series):
        return []
    known = applicant.judgement.memo.get(
        ("what_if_options", name), lambda: [str(v) for v in sorted(series.dropna().unique(), key=str)]
    )
    if len(known) > MOST_OPTIONS:
        return []
    return list(dict.fromkeys([*applicant.categories.get(name, ()), *known, first, ""]))


def _with_linked(applicant: Applicant, changes: dict[str, str]) -> tuple[dict[str, str], bool]:
    """Offer to move along what goes with a changed column; return all changes, and whether columns move along."""
    along = moved_along(applicant.reference, applicant.one, applicant.linked, changes)
    if not along:
        return changes, True
    told = ", ".join(
        tr("{name} to {value}", name=safe(name), value=safe(value or tr("blank")))
        for name, value in along.items()
    )
    if st.toggle(tr("Move along what goes with it: {told}", told=told), value=True, key="what_if_linked"):
        return changes | along, True
    return changes, False


def _result(applicant: Applicant, found: WhatIf) -> None:
    threshold = applicant.threshold
    widgets.finding(words.what_if_sentence(found, threshold))
    before, after = st.columns(2)
    with before:
        words.score_card(tr("As it is"), found.before, applicant.view)
    with after:
        words.score_card(tr("With these values"), found.after, applicant.view)
    for item in found.notices:
        widgets.notice(safe(item.message.replace("`", "'"), limit=600))
    if found.changes:
        widgets.numbers(
            lambda: what_if_frame(found), name="what_if", key="what_if", label=tr("Before and after"),
            about={"applicant": plain(name_of(applicant.judgement, applicant.row)), "threshold": percent(threshold)},
        )  # fmt: skip


def what_if_frame(found: WhatIf) -> pd.DataFrame:
    """Return one row a changed column, with the scores before and after all changes."""
    return pd.DataFrame(
        [
            {
                "column": plain(column),
                "own value": plain("" if own is None else own),
                "new value": plain("" if new is None else new),
                "score before": found.before,
                "score after": found.after,
                "difference": found.difference,
            }
            for column, (own, new) in found.changes.items()
        ]
    )
