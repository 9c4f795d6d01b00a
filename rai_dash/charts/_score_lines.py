"""The lines of a histogram of scores: the ends of the review band and the threshold, each with its label beside it."""

from __future__ import annotations

from typing import Any

import altair as alt

from rai_dash.charts import theme
from rai_dash.charts._base import halo_text, part


def score_lines(x: alt.X) -> list[Any]:
    """Return the layers that draw the rows whose ``part`` is ``end`` or ``threshold``.

    Parameters
    ----------
    x : altair.X
        Where a line stands. ``label`` is written on its ``side``, left or right.
    """
    layers: list[Any] = []
    for name, dash, height in (("end", [1, 0], 8), ("threshold", [4, 4], 24)):
        line = part(name).mark_rule(color=theme.shade("ink"), strokeWidth=1.5, strokeDash=dash, aria=False)
        layers.append(line.encode(x=x))
        side = alt.ExprRef(expr="datum.side === 'left' ? -5 : 5")
        align = alt.ExprRef(expr="datum.side === 'left' ? 'right' : 'left'")
        layers += halo_text(part(name), {"x": x, "text": "label:N"}, y=height, align=align, dx=side)
    return layers
