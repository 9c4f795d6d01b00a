"""Setting the band: handles in the chart, a slider, typed ends, open ends, undo."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.band_handles import PULL, band_handles, pulled_band
from rai_dash.core.texts import tr
from rai_dash.review.evaluate import Evaluation
from rai_dash.ui import controls, pictures, state, widgets
from rai_dash.ui.reviewing import history, words
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.slim import slim
from rai_dash.ui.tour import large

_CHART, _SLIDER = "band_chart", "pick_band"
#: Streamlit's theme asks Vega-Lite for tooltips in a way that Vega would show word by word.
_NO_TOOLTIP = {"config": {"mark": {"tooltip": None}}}


def section(bench: Bench, judged: Evaluation, *, has_chart: bool) -> None:
    """Draw what becomes of 1,000 applications, and what the band is set with.

    Parameters
    ----------
    bench : Bench
        The view of the page.
    judged : Evaluation
        Its band.
    has_chart : bool
        Whether the scores are drawn with handles to pull.
    """
    with st.container(border=True):
        has_conditions = bool(bench.view.case.always)
        widgets.finding(words.routes_sentence(judged.overall.routes, conditions=has_conditions))
        if has_chart:
            _chart(bench)
        _controls()
        if has_chart:
            widgets.how_to_read(
                tr(
                    "Bars up are applicants with the favourable outcome, bars down those with the "
                    "unfavourable one, on a square-root scale. Grey is what a person decides: pull its ends, "
                    "or the whole of it."
                )
            )
        widgets.note(words.rests_on(judged.overall.routes, is_weighted=bench.cube().is_weighted))


def _controls() -> None:
    """Draw the slider, the typed ends, the open ends, and undo."""
    chosen = state.choices()
    controls.seed(_SLIDER, (round(chosen.lo * 100, 1), round(chosen.hi * 100, 1)))
    st.slider(
        tr("A person looks at scores from … to under …"),
        0.0,
        100.0,
        step=0.5,
        format="%.1f %%",
        key=_SLIDER,
        on_change=_slid,
        help=tr("Below the left handle the machine declines, from the right handle on it approves."),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _typed(tr("Declined below, %"), "lo")
        _typed(tr("Approved from, %"), "hi")
        _open(tr("Never decline automatically"), "open_lo")
        _open(tr("Never approve automatically"), "open_hi")
        st.button(
            tr("Undo"),
            icon=":material/undo:",
            key="band_undo",
            disabled=history.latest() is None,
            on_click=history.undo,
        )


def _chart(bench: Bench) -> None:
    """Draw the scores with the band as handles that can be pulled."""
    cube = bench.cube()
    # The first cell holds what lies below an edge of 0: nothing.
    cells = cube.mass.sum(axis=(0, 2))[:, 1:]
    drawn = band_handles(
        cells, bench.band, edges=cube.edges, turn=history.turn(), is_weighted=cube.is_weighted
    )
    pictures.drawn(drawn, key="band")
    with st.container(key="chart_band"):
        st.vega_lite_chart(
            slim(drawn.data),
            large.in_size(drawn.spec | _NO_TOOLTIP),
            alt=drawn.alt,
            theme="streamlit",
            width="stretch",
            height=drawn.spec["height"],
            key=_CHART,
            on_select=_pulled,
            selection_mode=PULL,
        )


def _slid() -> None:
    lo, hi = (round(end * 10) / 1000 for end in st.session_state[_SLIDER])
    _commit(lo=lo, hi=hi)


def _typed(label: str, field: str) -> None:
    key = f"type_{field}"
    controls.seed(key, round(getattr(state.choices(), field) * 100, 6))
    st.number_input(
        label,
        0.0,
        100.0,
        step=0.5,
        format="%0.6g",
        key=key,
        on_change=_typed_in,
        args=(field, key),
        width=140,
    )


def _typed_in(field: str, key: str) -> None:
    chosen = state.choices()
    # Rounded, so that 35 % is the double nearest to 0.35.
    end = round(float(st.session_state[key]) / 100, 8)
    if field == "lo":
        _commit(lo=end, hi=max(end, chosen.hi))
    else:
        _commit(lo=min(end, chosen.lo), hi=end)


def _open(label: str, field: str) -> None:
    key = f"pick_{field}"
    controls.seed(key, bool(getattr(state.choices(), field)))
    st.toggle(label, key=key, on_change=_opened, args=(field, key))


def _opened(field: str, key: str) -> None:
    _commit(**{field: bool(st.session_state[key])})


def _commit(**changes: object) -> None:
    """Take the band that the choices would give with some changes."""
    history.take(controls.band_of(state.choices().with_(**changes)))


def _pulled() -> None:
    """Take the band whose handle was released; what a browser sends is checked like any input."""
    sent = st.session_state[_CHART].selection.get(PULL)
    band = pulled_band(sent, controls.chosen_band())
    if band is not None:
        history.take(band)
