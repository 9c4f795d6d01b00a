"""Controls bound to the choices: what is set here goes into the address, and comes back from it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.core.types import ReviewBand
from rai_dash.ui import meanings, share_card, signing_in, state, widgets
from rai_dash.ui.choices import Choices
from rai_dash.ui.cost_words import PICKED_HERE, STARTS_HERE
from rai_dash.ui.signing import desk
from rai_dash.ui.state import View
from rai_dash.ui.text import plain, safe


def sidebar(view: View) -> None:
    """Show which case, data and model are looked at, and who looks, under the navigation."""
    with st.sidebar:
        _looking_at(view)
    desk.status_line(view)
    share_card.button(view)
    signing_in.account()


def _looking_at(view: View) -> None:
    case = view.case
    st.caption(tr("Looking at"))
    st.text(plain(case.title))
    if not case.data:
        return
    pick(
        tr("Data"),
        "data",
        [d.key for d in case.data],
        {d.key: plain(d.title) for d in case.data},
        current=case.data_of(view.choices.data).key,
    )
    if case.models:
        model = case.model_of(view.choices.model)
        pick(
            tr("Model"),
            "model",
            [m.key for m in case.models],
            {m.key: plain(m.title) for m in case.models},
            current=model.key if model else "",
        )


def pick(
    label: str,
    field: str,
    options: Sequence[str],
    names: dict[str, str] | None = None,
    *,
    current: str = "",
    meaning: str | None = None,
) -> str:
    """Let the user pick one of several; the choice goes into ``Choices.<field>``.

    Returns
    -------
    str
        What is picked now: ``current``, else the stored choice, else the first option.
    """
    key = f"pick_{field}"
    stored = str(getattr(state.choices(), field))
    value = current or (stored if stored in options else options[0])
    seed(key, value if value in options else options[0])
    st.selectbox(
        label,
        list(options),
        key=key,
        format_func=lambda o: (names or {}).get(o, plain(o)),
        on_change=_commit,
        args=(field, key),
        help=meaning,
    )
    return str(st.session_state[key])


def several(label: str, field: str, options: Sequence[str], names: dict[str, str]) -> tuple[str, ...]:
    """Let the user pick any of several; the choice goes into ``Choices.<field>`` with commas between.

    ``names`` are shown literally.

    Returns
    -------
    tuple of str
        What is picked now, in the order of the options; all that is stored and no option is left out.
    """
    key = f"pick_{field}"
    stored = str(getattr(state.choices(), field)).split(",")
    seed(key, [o for o in options if o in stored])
    st.pills(
        label,
        list(options),
        selection_mode="multi",
        key=key,
        format_func=lambda o: safe(names[o]),
        on_change=_commit_several,
        args=(field, key),
    )
    return tuple(o for o in options if o in st.session_state[key])


def _commit_several(field: str, key: str) -> None:
    state.choose(**{field: ",".join(st.session_state[key])})


def view(label: str, field: str, options: dict[str, str]) -> str:
    """Let the user pick one view of several, always one; the choice goes into ``Choices.<field>``."""
    key = f"pick_{field}"
    stored = str(getattr(state.choices(), field))
    seed(key, stored if stored in options else next(iter(options)))
    st.pills(
        label,
        list(options),
        selection_mode="single",
        required=True,
        key=key,
        format_func=lambda one: tr(options[one]),
        on_change=_commit,
        args=(field, key),
        label_visibility="collapsed",
    )
    return str(st.session_state[key])


def tolerance_input() -> float:
    """Let the user set which difference between groups does not matter; returns a share."""
    points = whole_number(
        tr("Differences up to … points do not matter"),
        "tolerance",
        least=1,
        most=50,
        meaning=meanings.meaning("tolerance"),
    )
    return points / 100


def seed(key: str, value: object) -> None:
    """Give a widget the value of the choices, at every run: a change of page forgets what it had."""
    st.session_state[key] = value


def _commit(field: str, key: str) -> None:
    state.choose(**{field: st.session_state[key]})


def whole_percent(label: str, field: str) -> int:
    """Let the user set a whole percentage; it goes into ``Choices.<field>``."""
    key = f"pick_{field}"
    seed(key, min(max(int(getattr(state.choices(), field)), 0), 100))
    st.slider(label, 0, 100, step=5, format="%d %%", key=key, on_change=_commit, args=(field, key))
    return int(st.session_state[key])


def seed_input() -> int:
    """Let the user set the seed of a draw."""
    return whole_number(tr("Seed"), "seed", least=0, most=10_000, meaning=meanings.meaning("seed"))


def whole_number(label: str, field: str, *, least: int, most: int, meaning: str | None = None) -> int:
    """Let the user set a whole number; it goes into ``Choices.<field>``."""
    key = f"pick_{field}"
    seed(key, min(max(int(getattr(state.choices(), field)), least), most))
    st.number_input(label, least, most, key=key, on_change=_commit, args=(field, key), help=meaning)
    return int(st.session_state[key])


def switch(label: str, field: str) -> bool:
    """Let the user switch something on or off; it goes into ``Choices.<field>``."""
    key = f"pick_{field}"
    seed(key, bool(getattr(state.choices(), field)))
    st.toggle(label, key=key, on_change=_commit, args=(field, key))
    return bool(st.session_state[key])


def threshold_slider(*, label: str = mark("Threshold: approve from this score")) -> float:
    """Let the user set the threshold; returns it as the double nearest to the decimal shown."""
    key = "pick_threshold"
    seed(key, round(state.choices().threshold * 100, 1))
    st.slider(
        tr(label),
        0.0,
        100.0,
        step=0.5,
        format="%.1f %%",
        key=key,
        on_change=_commit_threshold,
        args=(key,),
        help=meanings.meaning("threshold"),
    )
    return state.choices().threshold


def threshold_note(threshold: float, where: str) -> None:
    """Say what it does to the figures of a page that a threshold was picked on its rows; ``where`` = the way out."""
    widgets.note(tr(STARTS_HERE if threshold == Choices().threshold else PICKED_HERE, where=where))


def _commit_threshold(key: str) -> None:
    # Per-mille as a whole number, so that the cut is the double nearest to the decimal shown.
    state.choose(threshold=round(st.session_state[key] * 10) / 1000)


def chosen_band() -> ReviewBand:
    """Return the band of the choices; the threshold is moved inside where it lies outside."""
    return band_of(state.choices())


def band_of(chosen: Choices) -> ReviewBand:
    """Return the band of some choices; the threshold is moved inside where it lies outside."""
    lo, hi = None if chosen.open_lo else chosen.lo, None if chosen.open_hi else chosen.hi
    inner = max(chosen.threshold, 0.0 if lo is None else lo)
    return ReviewBand(lo, min(inner, 1.0 if hi is None else hi), hi)
