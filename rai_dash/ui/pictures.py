"""The picture of a chart and what it shows as files: nothing is drawn, and nothing sent, before somebody asks.

A chart is noted when it is drawn; the line under it that says how to read it then carries the door to its files. So
charts that are read alike share one door, and a step of a slider sends a few bytes for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from rai_dash.charts import picture
from rai_dash.charts._base import Chart
from rai_dash.charts.drawn_table import drawn_table
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.report.tables import csv_bytes
from rai_dash.ui import exports, headers
from rai_dash.ui.offering import file_button
from rai_dash.ui.text import count, safe

_HELP = mark(
    "On: a picture with numbers that rest on few people is not handed out. Off: the picture and its data are as on "
    "the page; they may then say something about single people."
)


_FORMS = (
    exports.Form(mark("PNG"), "png", "image/png", mark("A picture for slides.")),
    exports.Form(
        mark("SVG"), "svg", "image/svg+xml", mark("A picture that stays sharp at any size, for print.")
    ),
    exports.Form(
        mark("CSV"), "csv", "text/csv", mark("The table below, as plain text that every program reads.")
    ),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart of a panel, whose door is still to come.

    Parameters
    ----------
    chart : Chart
        As it was drawn.
    key : str
        Unique on the page; its files are called so.
    title : str
        Tells it apart from the others that share a door.
    """

    chart: Chart
    key: str
    title: str


_waiting: ContextVar[list[Drawn] | None] = ContextVar("charts_without_their_door", default=None)


@contextmanager
def panel() -> Iterator[None]:
    """Note the charts that a page or a fragment draws, for its own doors only."""
    token = _waiting.set([])
    try:
        yield
    finally:
        _waiting.reset(token)


def drawn(chart: Chart, *, key: str, title: str = "") -> None:
    """Note a chart; the next door is its own."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append(Drawn(chart, key, title))


def taken() -> tuple[Drawn, ...]:
    """Return the charts that have no door yet; they are the caller's from now on."""
    waiting = _waiting.get() or []
    found = tuple(waiting)
    waiting.clear()
    return found


def door(charts: Sequence[Drawn]) -> None:
    """Offer the pictures of charts and what they show, behind a button; its inside is made when it is opened."""
    key = charts[0].key
    with st.popover(
        tr("Download"),
        icon=":material/download:",
        type="tertiary",
        width="content",
        key=f"keep_{key}",
        help=tr("The picture of this chart, and what it shows as a table"),
        on_change="rerun",
    ) as box:
        if box.open:
            is_free = _is_free(charts)
            for one in charts:
                _offer(one, is_free=is_free)


def _is_free(charts: Sequence[Drawn]) -> bool:
    """Whether pictures may be handed out: none rests on few people, or the user wants it all the same."""
    fewest = get_settings().smallest_export_cell
    if not any(one.chart.fewest is not None and one.chart.fewest < fewest for one in charts):
        return True
    label = tr("Hide numbers of fewer than {fewest} people", fewest=count(fewest))
    if not st.toggle(label, value=True, key=f"keep_few_{charts[0].key}", help=tr(_HELP)):
        return True
    st.caption(
        tr(
            "There are numbers of fewer than {fewest} people here. Switch this off to download them all the same; "
            "in a table of the page they can be left blank one by one.",
            fewest=count(fewest),
        )
    )
    return False


def _offer(one: Drawn, *, is_free: bool) -> None:
    if one.title:
        st.markdown(f"**{safe(one.title)}**")
    table = drawn_table(one.chart)
    notes = exports.sample_lines()
    makers: dict[str, Callable[[], bytes]] = {
        "png": partial(picture.png, one.chart, notes=notes, apart=True),
        "svg": partial(_svg_file, one.chart, notes),
        "csv": partial(csv_bytes, table),
    }
    with st.container(horizontal=True, gap="small"):
        for form in _FORMS:
            file_button(
                form.label,
                f"{one.key}.{form.ending}",
                form.mime,
                makers[form.ending],
                key=f"keep_{one.key}_{form.ending}",
                meaning=tr(form.meaning),
                disabled=not is_free,
            )
    _table(table, one.title)


def _svg_file(chart: Chart, notes: Sequence[str]) -> bytes:
    return picture.svg(chart, notes=notes, apart=True).encode()


def _table(table: pd.DataFrame, title: str) -> None:
    shown = headers.shown(table)
    st.dataframe(shown, hide_index=True, alt=title or tr("Table: what the chart shows"))
