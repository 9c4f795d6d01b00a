"""One dot and its 95 % interval a group, for one metric, with a dashed line for everyone."""

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
    fewest_people,
    group_paint,
    halo_text,
    inward,
    named_y,
    part,
    percent_x,
    rows_height,
    shares_of,
    slot,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, count, interval, number, percent, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.metrics._base import DEFAULT_MIN_N

ALT = mark(
    "{what}: one dot and its 95 % interval for each group on an axis from 0 to 100 %, with a dashed line "
    "for everyone. Grey rings are groups with few rows. The table below has the numbers."
)

# A label near an end of the axis is turned inwards.
_ALIGN = inward(0.07, 0.93)
_SHIFT = alt.ExprRef(expr="datum.x < 0.07 ? -6 : datum.x > 0.93 ? 6 : 0")


@cached_template(TEMPLATES)
def _template(groups: tuple[str, ...]) -> Spec:
    y = named_y("group", groups)
    line = (
        part("overall")
        .mark_rule(strokeDash=[4, 4], strokeWidth=1.5, color=theme.shade("muted"), aria=False)
        .encode(x=percent_x())
    )
    everyone = (
        part("overall")
        .mark_text(y=-13, align=_ALIGN, dx=_SHIFT, color=theme.shade("muted"), aria=False)
        .encode(x=percent_x(), text="label:N")
    )
    whisker = (
        part("group")
        .mark_rule(strokeWidth=3, strokeCap="round", opacity=0.5, aria=False)
        .encode(x=percent_x("low"), x2="high:Q", y=y, color=group_paint())
    )
    dot = (
        part("group")
        .mark_point(size=100, strokeWidth=2.5, opacity=1)
        .encode(
            x=percent_x(),
            y=y,
            stroke=group_paint(alt.Stroke),
            fill=group_paint(alt.Fill, few=theme.shade("surface")),
            tooltip=tooltips(
                group=tr("Group"),
                value_text=tr("Value"),
                interval_text=tr("95 % interval"),
                n_text=tr("Rows"),
            ),
            description="description:N",
        )
    )
    # In a column of their own, where neither a dot nor the line for everyone runs into them.
    label = (
        part("group")
        .mark_text(x=alt.ExprRef(expr="width + 12"), align="left", aria=False)
        .encode(y=y, text="label:N")
    )
    # Has the column of the values to itself, and no line runs through it.
    undefined = halo_text(
        part("undefined"), {"y": y, "text": "label:N"},
        x=6, align="left", color=theme.shade("muted"), limit=alt.ExprRef(expr="width + 56"),
    )  # fmt: skip
    layers = [line, everyone, whisker, dot, label, *undefined]
    return template(layers, height=rows_height(len(groups), extra=-6), top=4)


def group_dots(
    groups: Sequence[str],
    value: Sequence[float | None],
    *,
    low: Sequence[float | None],
    high: Sequence[float | None],
    n: Sequence[int],
    small: Sequence[bool],
    overall: float | None,
    what: str,
    reason: Sequence[str | None] = (),
) -> Chart:
    """Draw one metric by group.

    Parameters
    ----------
    groups : sequence of str (G,)
        Names in their fixed order, from top to bottom.
    value, low, high : sequence of float or None (G,)
        Shares in [0, 1] with the ends of their 95 % intervals; None or NaN = undefined.
    n : sequence of int (G,)
        Rows that the share rests on (its denominator).
    small : sequence of bool (G,)
        Groups with too few rows; drawn as grey rings.
    overall : float or None
        The share for everyone.
    what : str
        Name of the metric in our words; not from a file.
    reason : sequence of str or None (G,), optional
        Why a value is undefined.
    """
    rows = []
    names = plain_names(groups)
    for i, group in enumerate(names):
        x = number(value[i])
        shown, ends, rows_text = percent(x), interval(low[i], high[i]), count(n[i])
        why = (reason[i] if i < len(reason) else None) or "undefined"
        few = bool(small[i])
        is_thin = few or n[i] < DEFAULT_MIN_N
        label = tr("{shown} of {rows}", shown=shown, rows=rows_text) if is_thin else shown
        rows.append(
            {
                "part": "undefined" if x is None else "group",
                "group": group,
                "slot": slot(i),
                "few": few,
                "x": x,
                "low": number(low[i]),
                "high": number(high[i]),
                "label": f"{DASH} {why}" if x is None else label,
                "value_text": shown,
                "interval_text": ends,
                "n_text": rows_text,
                "description": tr(
                    "{group}: {shown}, 95 % interval {ends}, {rows} rows",
                    group=group,
                    shown=shown,
                    ends=ends,
                    rows=rows_text,
                ),
            }
        )
    if number(overall) is not None:
        rows.append(
            {
                "part": "overall",
                "x": number(overall),
                "label": tr("everyone {overall}", overall=percent(overall)),
            }
        )
    return Chart(
        _template(names), pd.DataFrame(rows), tr(ALT, what=what), fewest_people(n, shares_of(value, n))
    )
