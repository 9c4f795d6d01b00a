"""What a chart shows as a table: the words that pointing at its marks would show, one row a mark."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rai_dash.charts._base import Chart, Spec, part_of
from rai_dash.core.texts import mark, tr

#: Lines, of which only the dots on them can be pointed at; both are then read as numbers.
_LINE = "curve"
#: Rows without a mark, which a text stands for.
_BLANK = ("undefined", "none")
_TEXT = "_text"
#: The chart with handles is plain Vega, which has no titles: its columns, in thousandths and rows.
_HANDLES = {
    "k": mark("Scores from, thousandths"),
    "good": mark("Favourable"),
    "bad": mark("Unfavourable"),
    "unknown": mark("Outcome not known"),
}
_Titles = tuple[tuple[str, str], ...]


def drawn_table(chart: Chart) -> pd.DataFrame:
    """Return what a chart shows, with the titles of its tooltips as columns.

    Parameters
    ----------
    chart : Chart
        Any chart.

    Returns
    -------
    DataFrame
        One row a mark that can be pointed at, and one a point of a line.
    """
    if "layer" not in chart.spec:
        cells = chart.data[chart.data["part"] == "cell"]
        return cells[list(_HANDLES)].rename(columns={c: tr(t) for c, t in _HANDLES.items()})
    read, has_lines = _read(chart.spec)
    tables = [_of_part(chart.data, part, titles, as_numbers=has_lines) for part, titles in read]
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame()
    return pd.concat(filled, ignore_index=True).drop_duplicates(ignore_index=True)


def _read(spec: Spec) -> tuple[list[tuple[str | None, _Titles]], bool]:
    """Return the parts of the data that can be read (None = every row), how, and whether lines are among them."""
    shared = _titles(spec)
    layers = [(part_of(layer), _titles(layer) or shared) for layer in spec["layer"]]
    found = list(dict.fromkeys((part, titles) for part, titles in layers if titles))
    silent = {part for part, titles in layers if not titles} if found else set()
    first = [(_LINE, found[0][1])] if _LINE in silent else []
    last = [(part, found[-1][1]) for part in _BLANK if part in silent]
    return first + found + last, bool(first)


def _titles(view: Spec) -> _Titles:
    tips: list[dict[str, Any]] = view.get("encoding", {}).get("tooltip", [])
    return tuple((tip["field"], tip["title"]) for tip in tips)


def _of_part(data: pd.DataFrame, part: str | None, titles: _Titles, *, as_numbers: bool) -> pd.DataFrame:
    rows = data if part is None else data[data["part"] == part]
    fields = {
        title: field.removesuffix(_TEXT) if as_numbers and field.removesuffix(_TEXT) in rows else field
        for field, title in titles
    }
    return pd.DataFrame({title: rows[field] for title, field in fields.items() if field in rows})
