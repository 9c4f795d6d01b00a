"""Starting the tour, going on, and leaving it for what was looked at before."""

from __future__ import annotations

from typing import Final, NoReturn
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from rai_dash.case import Case
from rai_dash.ui import state
from rai_dash.ui.choices import LONGEST, Choices
from rai_dash.ui.tour.route import STORY, choices_of, opened, route_of
from rai_dash.ui.tour.stops import STOPS, Stop

START: Final = "start"
#: What was looked at in another case; it is not put into the address, since an address may be shared.
_HOME: Final = "tour_home"
#: Pages that an address may name as the one to go back to.
_PAGES: Final = frozenset({START, *(stop.page for stop in STOPS)})


def begin(case: Case) -> NoReturn:
    """Begin the tour of the case that is open."""
    now = state.choices().with_(tour="", tour_from="", large=0)
    _first(case, opened(now).with_(tour_from=_address(START, now)))


def begin_story() -> NoReturn:
    """Open the bundled story and begin its tour; leaving it goes back to the case that was open."""
    home = state.choices().with_(tour="", tour_from="", large=0)
    case = state.open_sample(STORY)
    st.session_state[_HOME] = (case.id, home)
    _first(case, Choices(case=case.id))


def _first(case: Case, now: Choices) -> NoReturn:
    _open(case, route_of(case).stops[0], now)


def go(case: Case, stop: Stop) -> NoReturn:
    """Go to a stop."""
    _open(case, stop, state.choices())


def _open(case: Case, stop: Stop, now: Choices) -> NoReturn:
    _switch(stop.page, choices_of(case, stop, now))


def leave() -> NoReturn:
    """Leave the tour; what was looked at before comes back."""
    now = state.choices()
    if now.large:
        st.set_page_config(initial_sidebar_state="auto")
    story, home = st.session_state.pop(_HOME, ("", None))
    if isinstance(home, Choices) and story == now.case:
        _switch(START, home)
    page, _, query = now.tour_from.partition("?")
    before = Choices.from_query(dict(parse_qsl(query)))
    _switch(
        page if page in _PAGES else START,
        before.with_(case=now.case, link=now.link, tour="", tour_from="", large=0),
    )


def bring_own() -> NoReturn:
    """Leave the tour for the page where own data come in."""
    st.session_state.pop(_HOME, None)
    _switch(START, opened(state.choices()))


def _address(page: str, chosen: Choices) -> str:
    """Write where the tour was started, without the key to the case; too long an address is the page alone."""
    text = f"{page}?{urlencode(chosen.with_(case='', link='').to_query())}"
    return text if len(text) <= LONGEST else page


def _switch(page: str, chosen: Choices) -> NoReturn:
    st.switch_page(f"pages/{page}.py", query_params=chosen.to_query())
