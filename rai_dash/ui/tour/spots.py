"""The mark at the place that the tour looks at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.ui import state
from rai_dash.ui.tour.stops import BY_KEY

#: Name of the marked place in the page, by which it is brought into view.
SPOT: Final = "tour_spot"


@contextmanager
def spot(name: str) -> Iterator[None]:
    """Mark what is drawn in this block while the tour looks at it; at any other time nothing is added.

    Parameters
    ----------
    name : str
        As in `rai_dash.ui.tour.stops.Stop`.
    """
    stop = BY_KEY.get(state.choices().tour)
    if stop is None or stop.spot != name:
        yield
        return
    with st.container(border=True, key=SPOT):
        st.badge(tr("Look here"), icon=":material/arrow_downward:", color="blue")
        yield
