"""Attributions of many rows, one line of dots a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._amounts import LABELS, TITLES, amount
from rai_dash.charts._base import TEMPLATES, Chart, Spec, cached_template, named_y, part, template, tooltips
from rai_dash.charts._low_high import low_high, shade_of
from rai_dash.charts._words import plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "A line of dots for each column, the most important on top, a dot for an applicant: right of the "
    "middle the column pushed the score towards approval, left towards refusal. Colour says whether the "
    "applicant's own value is low or high; grey dots are categories and blanks. The table below has the "
    "numbers."
)
_STEP = 40
Space = Literal["log-odds", "probability"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmLine:
    """Dots of one column; m values each.

    Parameters
    ----------
    name : str
        Column.
    value : float (m,)
        Attributions.
    offset : float (m,)
        Across the line, in [-1, 1].
    place : float (m,)
        Where the own value stands among all, in [0, 1]; NaN = category or blank.
    text : sequence of str (m,)
        The own value.
    """

    name: str
    value: ArrayLike
    offset: ArrayLike
    place: ArrayLike
    text: Sequence[str]


@cached_template(TEMPLATES)
def _template(names: tuple[str, ...], space: str) -> Spec:
    x = alt.X(
        "x:Q",
        scale=alt.Scale(zero=True, nice=False, padding=8),
        axis=alt.Axis(title=tr(TITLES[space]) or None, labelExpr=LABELS[space], tickCount=5),
    )
    dots = (
        part("dot")
        .mark_circle(size=16, opacity=0.75, aria=False)
        .encode(
            x=x,
            y=named_y("name", names, labelLimit=140),
            yOffset=alt.YOffset("offset:Q", scale=alt.Scale(domain=[-1.15, 1.15])),
            color=low_high(),
            tooltip=tooltips(name=tr("Column"), own_text=tr("Own value"), value_text=tr("Contribution")),
        )
    )
    middle = (
        part("middle").mark_rule(color=theme.shade("muted"), strokeWidth=1, aria=False).encode(x=alt.datum(0))
    )
    return template([middle, dots], height=_STEP * max(len(names), 1) + 76)


def beeswarm(lines: Sequence[SwarmLine], *, space: Space) -> Chart:
    """Draw the attributions of many rows.

    Parameters
    ----------
    lines : sequence of SwarmLine
        From the most important column to the least; at most 1,999 dots in all.
    space : {"log-odds", "probability"}
        Of the attributions.
    """
    names = plain_names([line.name for line in lines])
    rows: list[dict[str, object]] = [{"part": "middle"}]
    for name, line in zip(names, lines, strict=True):
        arrays = (np.asarray(a, dtype=np.float64) for a in (line.value, line.offset, line.place))
        for value, offset, place, text in zip(*arrays, line.text, strict=True):
            rows.append(
                {
                    "part": "dot",
                    "name": name,
                    "x": float(value),
                    "offset": float(offset),
                    "own_text": plain_names([text])[0],
                    "value_text": amount(float(value), space),
                }
                | shade_of(float(place))
            )
    # A dot is one person.
    return Chart(_template(names, space), pd.DataFrame(rows), tr(ALT), 1.0)
