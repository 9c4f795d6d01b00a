"""What a change did to each figure: a ring before, a dot after, a line between."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    halo_text,
    inward,
    legend,
    legend_height,
    named_y,
    part,
    percent_x,
    rows_height,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, interval, number, percent, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One line for each figure on an axis from 0 to 100 %: a ring where it was before, a dot with its 95 "
    "% interval where it is after. The table below has the numbers."
)
STATES = ("before", "after")


@cached_template(TEMPLATES)
def _template(names: tuple[str, ...]) -> Spec:
    y = named_y("name", names)
    domain = list(STATES)
    stroke = alt.Scale(domain=domain, range=[theme.shade("muted"), theme.shade("accent")])
    fill = alt.Scale(domain=domain, range=[theme.shade("surface"), theme.shade("accent")])
    facts = tooltips(name=tr("Figure"), change=tr("Change"), interval_text=tr("95 % interval after"))
    key = legend(2, columns=2, width=140)
    layers = [
        part("after")
        .mark_rule(strokeWidth=7, strokeCap="round", opacity=0.25, color=theme.shade("accent"), aria=False)
        .encode(x=percent_x("low"), x2="high:Q", y=y),
        part("link")
        .mark_rule(strokeWidth=2, color=theme.shade("muted"), aria=False)
        .encode(x=percent_x("x"), x2="stop:Q", y=y),
    ]
    layers += [
        part(state)
        .mark_point(size=90, strokeWidth=2.5, opacity=1)
        .encode(
            x=percent_x(),
            y=y,
            stroke=alt.Stroke("state:N", scale=stroke, legend=key),
            fill=alt.Fill("state:N", scale=fill, legend=key),
            tooltip=facts,
            description="description:N",
        )
        for state in STATES
    ]
    align = inward(0.2, 0.8)
    shift = alt.ExprRef(expr="datum.x < 0.2 ? -6 : datum.x > 0.8 ? 6 : 0")
    layers += halo_text(
        part("label"), {"x": percent_x(), "y": y, "text": "label:N"}, align=align, dx=shift, dy=-14
    )
    layers.append(
        part("undefined").mark_text(x=6, align="left", color=theme.shade("muted")).encode(y=y, text="label:N")
    )
    return template(layers, height=rows_height(len(names), extra=24), top=10 + legend_height(2, columns=2))


def before_after(
    names: Sequence[str],
    before: Sequence[float | None],
    after: Sequence[float | None],
    *,
    low: Sequence[float | None] = (),
    high: Sequence[float | None] = (),
) -> Chart:
    """Draw figures before and after a change.

    Parameters
    ----------
    names : sequence of str (K,)
        Unique names from top to bottom, for example ``"recall, women"``.
    before, after : sequence of float or None (K,)
        Figures in [0, 1]; None or NaN = undefined, written as a dash.
    low, high : sequence of float or None (K,), optional
        95 % interval of ``after``.
    """
    rows: list[dict[str, object]] = []
    plain = plain_names(names)
    for i, name in enumerate(plain):
        was, now = number(before[i]), number(after[i])
        ends = (number(low[i]), number(high[i])) if i < len(low) else (None, None)
        change = f"{percent(was)} → {percent(now)}"
        base = {"name": name, "change": change, "interval_text": interval(*ends)}
        rows += [
            base | {"part": state, "state": state, "x": x, "description": f"{name} {state}: {percent(x)}"}
            for state, x in zip(STATES, (was, now), strict=True)
            if x is not None
        ]
        if now is not None:
            rows[-1] |= {"low": ends[0], "high": ends[1]}
        if was is not None and now is not None:
            rows.append(base | {"part": "link", "x": was, "stop": now})
        known = [x for x in (was, now) if x is not None]
        if known:
            rows.append(base | {"part": "label", "x": sum(known) / len(known), "label": change})
        else:
            rows.append({**base, "part": "undefined", "label": tr("{dash} undefined", dash=DASH)})
    return Chart(_template(plain), pd.DataFrame(rows), tr(ALT))
