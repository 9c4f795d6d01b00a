"""The strip on top of a page while the tour runs: where we are, one sentence, what to look at, where to go."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.ui import rests_on, state
from rai_dash.ui.state import View
from rai_dash.ui.text import count, sentence
from rai_dash.ui.tour import large, walk
from rai_dash.ui.tour.guide import BACK, NEXT, STRIP, guide
from rai_dash.ui.tour.route import REASONS, STORY, Route, bundled_name, chapter_of, route_of, view_of
from rai_dash.ui.tour.stops import CHAPTERS, Stop


def strip(view: View, page: str) -> None:
    """Draw the strip where the tour runs.

    Parameters
    ----------
    view : View
    page : str
        File of the page that is drawn, without its ending.
    """
    if not view.choices.tour or not view.case.data:
        return
    route = route_of(view.case)
    if not route.stops:
        state.choose(tour="", tour_from="", large=0)
        return
    if view.choices.large:
        st.set_page_config(initial_sidebar_state="collapsed")
    at = route.at(view.choices.tour)
    stop = route.stops[at]
    with st.container(border=True, key=STRIP, gap=None):
        _head(view, route, at)
        st.markdown(_said(view, stop))
        is_here = stop.page == page
        _where_to_look(view, stop, is_here=is_here)
        for text in _left_out(route, at):
            st.caption(text)
        label = tr(
            "Guided tour, chapter {n} of {all}: {title}",
            n=count(stop.chapter), all=count(len(CHAPTERS)), title=_title(view, stop),
        )  # fmt: skip
        guide(stop=stop.key if is_here else "", label=label, letters=large.SIZES[large.size()][1])


def _title(view: View, stop: Stop) -> str:
    chapter = chapter_of(stop)
    return tr(chapter.told if bundled_name(view.case) == STORY else chapter.asked)


def _head(view: View, route: Route, at: int) -> None:
    """Draw where we are, and the ways on, back and out."""
    stop, is_last = route.stops[at], at == len(route.stops) - 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            tr(
                "**{n} of {all}: {title}**",
                n=count(stop.chapter), all=count(len(CHAPTERS)), title=_title(view, stop),
            ),
            width="stretch",
        )  # fmt: skip
        if _button(tr("Back"), BACK, "PageUp", disabled=at == 0):
            walk.go(view.case, route.stops[at - 1])
        if is_last and bundled_name(view.case):
            if st.button(tr("Do this with my data"), key="tour_own"):
                walk.bring_own()
        elif _button(tr("Next"), NEXT, "PageDown", disabled=is_last):
            walk.go(view.case, route.stops[at + 1])
        is_largest = large.size() == len(large.SIZES) - 1
        if _button(tr("Normal size") if is_largest else tr("Larger"), "tour_large", "F2"):
            _resize(0 if is_largest else large.size() + 1)
        if _button(tr("Leave"), "tour_leave", "Escape"):
            walk.leave()


def _button(label: str, key: str, shortcut: str, *, disabled: bool = False) -> bool:
    return st.button(label, key=key, shortcut=shortcut, disabled=disabled)


def _resize(size: int) -> None:
    """Grow or shrink; what is left of the screen is for the page."""
    if not size:
        st.set_page_config(initial_sidebar_state="auto")
    state.choose(large=size)
    st.rerun()


def _said(view: View, stop: Stop) -> str:
    """Say the sentence of a stop, or why there is none."""
    # Imported on use: it knows what every page knows, and most people never take the tour.
    from rai_dash.ui.tour.sentences import said

    seen = view_of(view.case, stop, view.choices)
    try:
        with rests_on.counting(view.case, seen.choices.data):
            return said(stop, seen)
    except RaiError as error:
        return sentence(error.message)


def _where_to_look(view: View, stop: Stop, *, is_here: bool) -> None:
    """Say what to look at and what must not be concluded; on another page, offer the way back."""
    if is_here:
        st.caption(tr("**Look at** {look}. {beware}", look=tr(stop.look), beware=tr(stop.beware)))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(tr("This chapter is on another page."), width="content")
        if st.button(tr("Show it"), key="tour_here", type="tertiary"):
            walk.go(view.case, stop)


def _left_out(route: Route, at: int) -> list[str]:
    """Say which chapters are passed over here, and why."""
    return [
        tr("Chapter {n} is left out: {why}.", n=count(one.chapter), why=tr(REASONS[one.lacks]))
        for one in route.left_out_before(at)
    ]
