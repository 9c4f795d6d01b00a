"""How many are declined, go to a person, are approved: one bar for everyone and one a group."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    legend,
    legend_height,
    named_y,
    part,
    percent_axis,
    rows_height,
    template,
    tooltips,
)
from rai_dash.charts._words import count, percent, plain_names, short_count
from rai_dash.charts.score_histogram import ROUTES
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One bar for everyone and one for each group, divided into the shares that are declined, go to a "
    "person and are approved, from left to right. The table below has the numbers."
)
EVERYONE = mark("everyone")


@cached_template(TEMPLATES)
def _template(names: tuple[str, ...]) -> Spec:
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("start:Q", scale=scale, axis=percent_axis(grid=False))
    y = named_y("name", names)
    color = alt.Scale(
        domain=[tr(route) for route in ROUTES], range=[theme.DECLINED, theme.PERSON, theme.APPROVED]
    )
    layers = [
        part("share")
        .mark_bar(size=22, stroke=theme.shade("surface"), strokeWidth=1)
        .encode(
            x=x,
            x2="stop:Q",
            y=y,
            color=alt.Color("route:N", scale=color, legend=legend(3, columns=3, width=224)),
            tooltip=tooltips(name=tr("Group"), route=tr("Route"), share_text=tr("Share"), n_text=tr("Rows")),
            description="description:N",
        ),
        part("none")
        .mark_text(align="left", dx=4, color=theme.shade("muted"))
        .encode(x=x, y=y, text="label:N"),
    ]
    # The longer label where it fits, else the count alone, else nothing: the tooltip has both.
    wide = "(datum.stop - datum.start) * width"
    for field, fits in (("label", f"{wide} >= 84"), ("n_short", f"{wide} < 84 && {wide} >= 36")):
        text = part("share").mark_text(
            aria=False, color="#000000", fontSize=11, opacity=alt.ExprRef(expr=f"{fits} ? 1 : 0")
        )
        layers.append(text.encode(x=alt.X("middle:Q", scale=scale), y=y, text=f"{field}:N"))
    return template(layers, height=rows_height(len(names), extra=20), top=6 + legend_height(3, columns=3))


def route_bars(groups: Sequence[str], counts: ArrayLike) -> Chart:
    """Draw the shares of the three routes.

    Parameters
    ----------
    groups : sequence of str (G,)
        Names in their fixed order; may be empty for everyone alone.
    counts : int (G + 1, 3)
        Rows that are declined, go to a person, are approved: everyone first, then each group.
    """
    everyone = tr(EVERYONE)
    if everyone in groups:
        everyone = tr("{everyone} (all groups)", everyone=everyone)
    names = plain_names((everyone, *groups))
    rows = []
    for name, triple in zip(names, np.asarray(counts, dtype=np.float64), strict=True):
        total, start = float(triple.sum()), 0.0
        if total <= 0:
            rows.append({"part": "none", "name": name, "start": 0.0, "label": tr("– no rows")})
            continue
        for route, n in zip(map(tr, ROUTES), triple, strict=True):
            stop = start + float(n) / total
            shown = percent(float(n) / total)
            rows.append(
                {
                    "part": "share",
                    "name": name,
                    "route": route,
                    "start": start,
                    "stop": stop,
                    "middle": (start + stop) / 2,
                    "label": f"{shown} · {short_count(float(n))}",
                    "n_short": short_count(float(n)),
                    "share_text": shown,
                    "n_text": count(float(n)),
                    "description": tr(
                        "{name}: {shown} {route}, {n} rows",
                        name=name,
                        shown=shown,
                        route=route,
                        n=count(float(n)),
                    ),
                }
            )
            start = stop
    few = fewest_people(np.asarray(counts, dtype=np.float64)[1:])
    return Chart(_template(names), pd.DataFrame(rows), tr(ALT), few)
