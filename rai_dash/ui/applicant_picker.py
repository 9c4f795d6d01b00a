"""Finding another applicant on the explanation page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.texts import mark, tr
from rai_dash.ui import applicants, controls, explain_words, headers, rights, state, widgets
from rai_dash.ui.applicants import COMPUTED, MOST_LISTED, MOST_SAVED, Ranked, Show
from rai_dash.ui.deciding.disagreeing import shap_and_lime, two_ways
from rai_dash.ui.deciding.fragile import most_fragile
from rai_dash.ui.state import View
from rai_dash.ui.text import percent, plain, sentence

EVERY_GROUP = mark("everyone")
#: Where the list that was shown last is kept.
_LISTED = "find_listed"
_ASKED: dict[Show, Callable[[View], Ranked | None]] = {
    Show.FRAGILE: most_fragile,
    Show.LIME: shap_and_lime,
    Show.WAYS: two_ways,
}


def step_buttons(row: int) -> None:
    """Offer the applicants before and after the one that is shown in the list below."""
    with st.container(horizontal=True):
        st.button(
            tr("Previous"), icon=":material/arrow_back:", key="find_previous", on_click=_step, args=(row, -1)
        )
        st.button(
            tr("Next applicant"),
            icon=":material/arrow_forward:",
            key="find_next",
            on_click=_step,
            args=(row, 1),
        )


def _step(row: int, by: int) -> None:
    """Go on in the list that was shown last; from outside of it to its first applicant."""
    case, listed = st.session_state.get(_LISTED, ("", np.empty(0, np.int64)))
    if case == state.choices().case and listed.size:
        here = np.flatnonzero(listed == row)
        state.choose(row=int(listed[(int(here[0]) + by) % listed.size if here.size else 0]))


def find_applicant(view: View) -> None:
    """List the applicants that fit a filter; the selected one goes into the choices."""
    rights.require_rows()
    judgement = view.judgement
    left, middle, right = st.columns(3)
    with left:
        code = controls.pick(tr("Show"), "find", [s.code for s in Show], {s.code: tr(s.value) for s in Show})
    shown = Show[code.upper()]
    groups = [EVERY_GROUP]
    by = next(iter(judgement.roles.sensitive), "")
    if by:
        groups += list(judgement.groups((by,)).groups)
    group = middle.selectbox(tr("Group"), groups, format_func=_group_name, key="find_group")
    text = right.text_input(
        tr("Search"), key="find_text", help=tr("Part of the id, or of any cell where there is no id.")
    )
    ranked = _ASKED[shown](view) if shown in COMPUTED else None
    band = controls.chosen_band()
    rows = applicants.find(
        judgement,
        show=shown,
        threshold=view.choices.threshold,
        group=None if group == EVERY_GROUP else (by, group),
        text=text,
        edges=[edge for edge in (band.lo, band.hi) if edge is not None],
        ranked=ranked,
    )
    told = "" if ranked is None else f"{sentence(ranked.note)} "
    if rows.size == 0:
        widgets.note(tr("{told}Nobody fits. Change the filter or the search.", told=told))
        return
    widgets.note(f"{told}{explain_words.listed_note(rows.size)}")
    listed = rows[:MOST_LISTED]
    st.session_state[_LISTED] = (view.case.id, listed)
    # A place that was selected in another list is nobody in this one.
    key = f"find_table_{fingerprint_bytes(listed.tobytes())[:16]}"
    st.dataframe(
        headers.shown(_listing(view, listed, ranked, key)),
        hide_index=True,
        height=260,
        # A callback: else the page is drawn for the applicant before once more.
        on_select=partial(_take, key, listed),
        selection_mode="single-row",
        key=key,
        column_config={
            headers.header(title): st.column_config.NumberColumn(format="percent")
            for title in ("score", *(() if ranked is None else ranked.numbers))
        },
        alt=tr("Applicants that fit the filter; select one to explain it."),
    )
    widgets.numbers(
        lambda: applicants.listing(judgement, rows, ranked, most=MOST_SAVED), name="applicants", key="find_list",
        label=tr("The list"), about={"applicants": shown.value, "threshold": percent(view.choices.threshold)},
    )  # fmt: skip


def _group_name(group: str) -> str:
    return tr(group) if group == EVERY_GROUP else plain(group)


def _listing(view: View, listed: NDArray[np.int64], ranked: Ranked | None, key: str) -> pd.DataFrame:
    """Return the table; the same list is written once."""
    if ranked is not None:
        return applicants.listing(view.judgement, listed, ranked)
    return view.judgement.memo.get(("listing", key), lambda: applicants.listing(view.judgement, listed))


def _take(key: str, listed: NDArray[np.int64]) -> None:
    """Look at the applicant that was selected; what a browser sends is checked like any input."""
    picked = st.session_state[key].selection.rows
    if picked and isinstance(picked[0], int) and 0 <= picked[0] < listed.size:
        state.choose(row=int(listed[picked[0]]))
