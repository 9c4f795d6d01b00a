"""What the heat maps by group share: their three kinds of cells, the text in them and the ramp below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from rai_dash.charts import theme
from rai_dash.charts._base import ON_CELL, outlined, part
from rai_dash.charts._words import DASH, STAR

#: Room at the bottom of a template for the ramp, in pixels.
RAMP_HEIGHT = 44
# Below these widths of a cell the percent sign is dropped, then all but the star; the tooltip has the value.
_SHORT, _BARE = 52, 24


def ramp_legend(values: Sequence[float], *, label: str, width: int = 280) -> alt.Legend:
    """Return a colour ramp below the plot; give the template ``RAMP_HEIGHT`` more room at the bottom.

    Parameters
    ----------
    values : sequence of float
        Where the ramp is labelled.
    label : str
        Vega expression of a label, of ``datum.value``.
    width : int
        Pixels it takes, without its outer labels.
    """
    return alt.Legend(
        orient="none",
        type="gradient",
        direction="horizontal",
        gradientLength=width,
        gradientThickness=10,
        legendX=alt.ExprRef(expr=f"min(0, width - {width})"),
        legendY=alt.ExprRef(expr="height + 12"),
        values=list(values),
        labelExpr=label,
        labelOverlap=False,
        labelLimit=width,
        labelColor=theme.shade("muted"),
    )


def few_paint() -> dict[str, Any]:
    """Return the paint of a cell or box that rests on few rows: paler than those that say something."""
    return {"color": theme.FEW, "fillOpacity": 0.35}


def cell_rects(place: dict[str, Any], tooltip: list[alt.Tooltip], color: alt.Color) -> list[alt.Chart]:
    """Return the layers of the cells without their text; see `cell_layers`."""
    tell: dict[str, Any] = {"tooltip": tooltip, "description": alt.Description("description:N")}
    return [
        part("cell").mark_rect(cornerRadius=3).encode(**place, **tell, color=color),
        part("few").mark_rect(cornerRadius=3, **few_paint()).encode(**place, **tell),
        part("none").mark_rect(cornerRadius=3, **outlined()).encode(**place, **tell),
    ]


def cell_inks() -> dict[str, Any]:
    """Return the colour of the text in each kind of cell."""
    return {"cell": alt.ExprRef(expr=ON_CELL), "few": theme.shade("ink"), "none": theme.shade("muted")}


def cell_words(*, short: int, bare: int) -> alt.ExprRef:
    """Return what stands in a cell as wide as it is: below ``short`` pixels less, below ``bare`` only its star.

    Not an encoding: those know no choice between two fields.
    """
    narrow = f"datum.starred ? '{STAR}' : ''"
    return alt.ExprRef(
        expr=f"bandwidth('x') < {bare} ? ({narrow}) : bandwidth('x') < {short} ? datum.short : datum.label"
    )


def cell_layers(place: dict[str, Any], tooltip: list[alt.Tooltip], color: alt.Color) -> list[alt.Chart]:
    """Return the layers of the cells: coloured, grey where they rest on few rows, outlined without a value.

    Two marks a cell, whatever its kind.

    Parameters
    ----------
    place : dict
        Encodings ``x`` and ``y``.
    tooltip : list of Tooltip
        Facts of a cell.
    color : Color
        Paint of ordinary cells.
    """
    layers = cell_rects(place, tooltip, color)
    words = cell_words(short=_SHORT, bare=_BARE)
    for name, ink in cell_inks().items():
        text = part(name).mark_text(
            aria=False,
            text=words,
            color=ink,
            fontSize=alt.ExprRef(expr=f"bandwidth('x') < {_SHORT} ? 11 : 13"),
            fontWeight=alt.ExprRef(expr="datum.starred ? 700 : 400"),
        )
        # A letter covers its cell and would tell its position only.
        layers.append(text.encode(**place, tooltip=tooltip))
    return layers


def cell_texts(shown: str, *, star: bool) -> dict[str, object]:
    """Return what stands in a cell: the value with its star, and the same for narrow cells."""
    return {
        "starred": star,
        "label": f"{shown} {STAR}" if star else shown,
        "short": shown.removesuffix(" %") + STAR * star if shown != DASH else DASH,
    }
