"""The bands of this session, one after the other: what undo goes back to."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.types import ReviewBand
from rai_dash.ui import controls, state

_BEFORE, _TURN = "band_before", "band_turn"
_MOST = 50


def take(band: ReviewBand) -> None:
    """Make a band the present one; the one before can be brought back."""
    now = controls.chosen_band()
    if band == now:
        return
    st.session_state[_BEFORE] = [*_before(), (state.choices().case, now)][-_MOST:]
    _set(band)


def undo() -> None:
    """Bring the band before back."""
    before = _before()
    while before:
        case, band = before.pop()
        if case == state.choices().case:
            _set(band)
            break
    st.session_state[_BEFORE] = before


def latest() -> ReviewBand | None:
    """Return the band that undo would bring back; None = there is none."""
    here = [band for case, band in _before() if case == state.choices().case]
    return here[-1] if here else None


def turn() -> int:
    """Return a number that goes up with every band that is taken.

    It is part of what a chart selects: without it, pulling a handle to where it was pulled last would not count,
    though the band has moved elsewhere in between.
    """
    return int(st.session_state.get(_TURN, 0))


def _before() -> list[tuple[str, ReviewBand]]:
    return list(st.session_state.get(_BEFORE, ()))


def _set(band: ReviewBand) -> None:
    chosen = state.choices()
    st.session_state[_TURN] = (turn() + 1) % 10_000
    state.choose(
        lo=chosen.lo if band.lo is None else band.lo,
        hi=chosen.hi if band.hi is None else band.hi,
        open_lo=band.lo is None,
        open_hi=band.hi is None,
    )
