"""Attributions of one column against its own values, coloured by another column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._amounts import LABELS, TITLES, amount
from rai_dash.charts._base import (
    NUMBER_LABEL,
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    named_y,
    part,
    rows_height,
    template,
    tooltips,
)
from rai_dash.charts._low_high import low_high, shade_of
from rai_dash.charts._words import plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import written

ALT = mark(
    "Dots, one for an applicant: the column's own value from left to right, what it did to the score "
    "from bottom to top. Colour says where another column's value stands. The table below has the "
    "numbers."
)
ALT_CATEGORIES = mark(
    "A line of dots for each category, a dot for an applicant: right of the middle the category pushed "
    "the score towards approval, left towards refusal. Colour says where another column's value stands. "
    "The table below has the numbers."
)
Space = Literal["log-odds", "probability"]
_HALF = 0.85
#: What the ends of the colours are called: by the other column's value, or by what its categories do.
_ENDS = {"value": ("low", "high"), "effect": ("lowers", "raises")}


def _facts(*, partner: str | None) -> list[alt.Tooltip]:
    more = {"partner_text": tr("Other column")} if partner else {}
    return tooltips(own_text=tr("Own value"), value_text=tr("Contribution"), **more)


def _dots(layer: alt.Chart, place: dict[str, Any], *, partner: str | None) -> alt.Chart:
    color = low_high(_ENDS[partner]) if partner else alt.value(theme.shade("accent"))
    dots: alt.Chart = layer.mark_circle(size=18, opacity=0.7, aria=False)
    return dots.encode(**place, color=color, tooltip=_facts(partner=partner))


def _across(space: str) -> dict[str, Any]:
    axis = alt.Axis(title=tr(TITLES[space]) or None, labelExpr=LABELS[space], tickCount=5)
    return {"scale": alt.Scale(zero=True, nice=False, padding=8), "axis": axis}


@cached_template(TEMPLATES)
def _template(space: str, *, partner: str | None) -> Spec:
    x = alt.X(
        "x:Q",
        scale=alt.Scale(zero=False, nice=False, padding=8),
        axis=alt.Axis(title=None, labelExpr=NUMBER_LABEL),
    )
    y = alt.Y("y:Q", **_across(space))
    level = (
        part("middle").mark_rule(color=theme.shade("muted"), strokeWidth=1, aria=False).encode(y=alt.datum(0))
    )
    return template([level, _dots(part("dot"), {"x": x, "y": y}, partner=partner)], height=340, right=16)


@cached_template(TEMPLATES)
def _category_template(names: tuple[str, ...], space: str, *, partner: str | None) -> Spec:
    place = {
        "x": alt.X("y:Q", **_across(space)),
        "y": named_y("name", names),
        "yOffset": alt.YOffset("offset:Q", scale=alt.Scale(domain=[-1.15, 1.15])),
    }
    middle = (
        part("middle").mark_rule(color=theme.shade("muted"), strokeWidth=1, aria=False).encode(x=alt.datum(0))
    )
    dots = _dots(part("dot"), place, partner=partner)
    return template([middle, dots], height=rows_height(len(names), extra=40 if partner else 12))


def dependence(
    x: Sequence[float | str | None],
    value: ArrayLike,
    *,
    space: Space,
    place: ArrayLike | None = None,
    partner_text: Sequence[str] = (),
    by_effect: bool = False,
    categories: Sequence[str] = (),
) -> Chart:
    """Draw what a column did against its own value.

    Parameters
    ----------
    x : sequence of float or str (m,)
        Own values; None = blank, which is left out. Text where ``categories`` are given.
    value : float (m,)
        Attributions, in ``space``.
    space : {"log-odds", "probability"}
        Of the attributions.
    place : float (m,), optional
        Where the other column's value stands among all, in [0, 1]; NaN = blank. None = no other column.
    partner_text : sequence of str (m,), optional
        The other column's own value.
    by_effect : bool
        ``place`` orders the other column's categories by what they do to this one.
    categories : sequence of str, optional
        Order of the categories from top to bottom; empty = the column is a number.
    """
    y = np.asarray(value, dtype=np.float64)
    partner = None if place is None else "effect" if by_effect else "value"
    shades = np.full(len(y), np.nan) if place is None else np.asarray(place, dtype=np.float64)
    names = dict(zip(categories, plain_names(categories), strict=True))
    rows: list[dict[str, object]] = [{"part": "middle"}]
    for i, own in enumerate(x):
        if own is None:
            continue
        row: dict[str, object] = {"part": "dot", "y": float(y[i])} | shade_of(float(shades[i]))
        row |= {"own_text": plain_names([str(own)])[0], "value_text": amount(float(y[i]), space)}
        if partner:
            row["partner_text"] = plain_names([partner_text[i]])[0]
        if categories:
            # Spread across the line by the golden ratio: even, and the same each time.
            row |= {"name": names[str(own)], "offset": _HALF * (2.0 * ((i * 0.618033988749895) % 1.0) - 1.0)}
        else:
            row |= {"x": float(own), "own_text": written(f"{float(own):,.6g}")}
        rows.append(row)
    if categories:
        spec = _category_template(tuple(names.values()), space, partner=partner)
        return Chart(spec, pd.DataFrame(rows), tr(ALT_CATEGORIES), 1.0)
    # A dot is one person.
    return Chart(_template(space, partner=partner), pd.DataFrame(rows), tr(ALT), 1.0)
