"""What changed, drawn the same for every kind: the headline, one chart, the items by area, all of them as a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

import pandas as pd
import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.core.words import written
from rai_dash.report.changed import AREAS, Change, ChangeItem
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, state, widgets
from rai_dash.ui.text import count, plain, safe, sentence

#: Items of an area that are told on the page; the table has all.
_TOLD: Final = 8
_PEOPLE: Final = GroupTable(people="rows", by=("about",), line=("area",), shares=(), linked=False)


def two_of(options: Mapping[str, str], first: str, second: str) -> tuple[str, str] | None:
    """Let the user pick two of several, by default the given ones; None = they are the same one.

    Parameters
    ----------
    options : mapping of str to str
        Keys, and names to be shown literally.
    first, second : str
        Keys.
    """
    chosen = state.choices()
    left, right = st.columns(2)
    with left:
        before = controls.pick(
            tr("Before"), "before", list(options), dict(options),
            current=chosen.before if chosen.before in options else first,
        )  # fmt: skip
    with right:
        after = controls.pick(
            tr("After"), "after", list(options), dict(options),
            current=chosen.after if chosen.after in options else second,
        )  # fmt: skip
    if before == after:
        widgets.note(tr("These are the same. Choose two different ones."))
        return None
    return before, after


def draw(
    found: Change, *, chart: Callable[[], None] | None = None, hidden: Collection[str] = frozenset()
) -> None:
    """Draw what changed.

    Parameters
    ----------
    found : Change
    chart : callable, optional
        Draws the one chart with how to read it.
    hidden : collection of str
        Columns whose values are not shown to whoever looks.
    """
    widgets.finding(sentence(found.headline), warn=not found.is_same)
    if chart is not None:
        chart()
    shown = [item for item in found.items if item.area != "categories" or item.what not in hidden]
    for area in found.areas:
        _area(AREAS[area], [item for item in shown if item.area == area])
    for note in found.notes:
        widgets.note(sentence(note))
    if len(shown) < len(found.items):
        widgets.note(tr("Categories of columns that name people are not shown to you."))
    if shown:
        widgets.numbers(
            lambda: items_frame(shown), name=f"changed_{plain(found.kind)}", key="changed", people=_PEOPLE,
            label=tr("Everything that changed"),
        )  # fmt: skip


def _area(name: str, items: list[ChangeItem]) -> None:
    if not items:
        return
    with st.container(border=True):
        widgets.heading(safe(tr(name)))
        widgets.paragraph("\n".join(f"- {sentence(item.words)}" for item in items[:_TOLD]))
        if len(items) > _TOLD:
            widgets.note(tr("{items} more in the table below.", items=count(len(items) - _TOLD)))


def items_frame(items: list[ChangeItem]) -> pd.DataFrame:
    """Return one row an item."""
    return pd.DataFrame(
        [
            {
                "area": tr(AREAS[item.area]),
                "about": plain(item.what),
                "before": _cell(item.before),
                "after": _cell(item.after),
                "in words": plain(item.words, limit=600),
                "rows": item.rows,
            }
            for item in items
        ]
    ).astype({"rows": "Int64"})


def _cell(value: str | float | None) -> str:
    """Write a value as text: numbers and words share the column."""
    if value is None:
        return ""
    return plain(value, limit=200) if isinstance(value, str) else written(f"{value:.6g}")
