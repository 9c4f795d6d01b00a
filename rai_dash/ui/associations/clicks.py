"""A click on a cell of the matrix chooses the pair."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rai_dash.charts._base import Chart
from rai_dash.charts.association_heatmap import CLICK
from rai_dash.ui import pictures, state
from rai_dash.ui.slim import slim

_KEY = "matrix_click"
_LAST, _TURN = "matrix_pair", "matrix_turn"


def turn(first: str, second: str) -> int:
    """Return a number that goes up whenever another pair is chosen, by a click or by the pickers.

    It is part of what a click selects: without it a second click on the cell that was clicked last would not count,
    though the pickers have gone elsewhere in between.
    """
    count = int(st.session_state.get(_TURN, 0))
    if st.session_state.get(_LAST) != (first, second):
        count = (count + 1) % 10_000
        st.session_state[_LAST], st.session_state[_TURN] = (first, second), count
    return count


def draw(chart: Chart, columns: Sequence[str]) -> None:
    """Draw the matrix of ``columns``, in the order given; a click puts its pair into the choices."""
    pictures.drawn(chart, key="matrix")
    with st.container(key="chart_matrix"):
        st.vega_lite_chart(
            slim(chart.data),
            chart.spec,
            alt=chart.alt,
            theme="streamlit",
            width="stretch",
            height=chart.spec["height"],
            key=_KEY,
            on_select=lambda: _choose(tuple(columns)),
            selection_mode=CLICK,
        )


def _choose(columns: Sequence[str]) -> None:
    clicked = st.session_state[_KEY].selection.get(CLICK) or ()
    for cell in clicked:
        i, j = cell.get("i"), cell.get("j")
        # What a browser sends is checked like any input.
        if (
            isinstance(i, int)
            and isinstance(j, int)
            and i != j
            and min(i, j) >= 0
            and max(i, j) < len(columns)
        ):
            state.choose(first=columns[i], second=columns[j])
