"""The way into the tour, on the Start page."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.samples import bundled_cases
from rai_dash.ui import read_only
from rai_dash.ui.state import View
from rai_dash.ui.text import count
from rai_dash.ui.tour import walk
from rai_dash.ui.tour.route import STORY, bundled_name, route_of
from rai_dash.ui.tour.stops import CHAPTERS


def door(view: View) -> None:
    """Offer the tour of the case that is open, and of the bundled story where that is another one."""
    name = bundled_name(view.case)
    has_story = STORY in bundled_cases() and not read_only.is_on()
    has_way = bool(view.case.data and route_of(view.case).stops)
    if not has_way and not has_story:
        return
    with st.container(border=True):
        st.markdown(_said(name, has_way=has_way))
        with st.container(horizontal=True, vertical_alignment="center"):
            if has_way and st.button(_label(name), key="tour_begin", icon=":material/tour:"):
                walk.begin(view.case)
            if (
                name != STORY
                and has_story
                and st.button(
                    tr("Take the tour of the bundled story"), key="tour_story", icon=":material/menu_book:"
                )
            ):
                walk.begin_story()


def _label(name: str) -> str:
    if name == STORY:
        return tr("Take the tour")
    return tr("Ask these data") if name else tr("Do this with my data")


def _said(name: str, *, has_way: bool) -> str:
    all_ = count(len(CHAPTERS))
    if name == STORY:
        return tr(
            "**New here? Take the tour:** {n} chapters on the real pages, about ten minutes, one key a step. Then "
            "do it with your own data.",
            n=all_,
        )
    if has_way:
        return tr(
            "**{n} questions to your case:** the chapters of the tour, with its own numbers. What does not apply "
            "is left out, and the reason is said.",
            n=all_,
        )
    return tr("**New here? Take the tour:** {n} chapters on the real pages, about ten minutes.", n=all_)
