"""Share of each group in the table with its interval, and a mark at its stated share in the population."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    FloatLike,
    Spec,
    cached_template,
    fewest_people,
    if_few,
    label_room,
    ordered_y,
    percent_axis,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._words import STAR, count, interval, number, percent, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One bar for each group, as long as its share of the rows, with its 95 % interval; an upright mark "
    "stands at the share that is stated for the population. A star is a difference shown by the test. "
    "Grey bars have few rows. The table below has the numbers."
)
MAX_GROUPS = 60
REACHES = (0.1, 0.25, 0.5, 1.0)
_STEP = 38


@cached_template(TEMPLATES)
def _template(n_groups: int, reach: float) -> Spec:
    axis = percent_axis(values=[0, reach / 2, reach], labelExpr="format(datum.value * 100, '~g') + ' %'")
    scale = alt.Scale(domain=[0, reach], range=label_room(120), nice=False)
    y = ordered_y()

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    rows = alt.Chart()
    facts = tooltips(
        name=tr("Group"),
        observed_text=tr("Share of the rows"),
        interval_text=tr("95 % interval"),
        stated_text=tr("Stated share"),
        n_text=tr("Rows"),
        finding=tr("Finding"),
    )
    layers = [
        rows.mark_bar(size=14, cornerRadiusEnd=2).encode(
            x=x("observed"),
            x2=alt.datum(0),
            y=y,
            color=if_few(theme.FEW, theme.shade("accent")),
            opacity=alt.value(0.6),
            tooltip=facts,
            description="description:N",
        ),
        rows.mark_rule(strokeWidth=2, color=theme.shade("ink"), aria=False).encode(
            x=x("low"), x2="high:Q", y=y
        ),
        rows.mark_tick(size=28, thickness=3, color=theme.DECLINED).encode(x=x("stated"), y=y, tooltip=facts),
        rows.mark_text(align="left", dx=8, aria=False).encode(x=x("end"), y=y, text="label:N"),
    ]
    return template(layers, height=_STEP * n_groups + 40)


def population_bars(
    groups: Sequence[str],
    observed: FloatLike,
    stated: Sequence[float],
    *,
    low: FloatLike,
    high: FloatLike,
    n: Sequence[int],
    starred: Sequence[bool],
    small: Sequence[bool],
) -> Chart:
    """Draw shares of the rows beside stated shares.

    Parameters
    ----------
    groups : sequence of str (G,)
        From top to bottom, at most 60.
    observed, low, high : sequence of float or None (G,)
        Share of the rows in [0, 1] with its 95 % interval; None or NaN = undefined.
    stated : sequence of float (G,)
        Share in the population, in [0, 1].
    n : sequence of int (G,)
        Rows.
    starred, small : sequence of bool (G,)
        Whether the difference is shown by the test, and whether the group has few rows.

    Raises
    ------
    ValueError
        No group, or more than 60.
    """
    if not 0 < len(groups) <= MAX_GROUPS:
        msg = f"This chart shows 1 to {MAX_GROUPS} groups, got {len(groups)}. Keep those that differ most."
        raise ValueError(msg)
    data = []
    for i, name in enumerate(plain_names(groups)):
        at, ends = number(observed[i]), interval(low[i], high[i])
        finding = tr("shown to differ") if starred[i] else tr("not shown to differ")
        shown = f"{percent(at)}{f' {STAR}' * bool(starred[i])}"
        data.append(
            {
                "name": name,
                "order": i,
                "few": bool(small[i]),
                "observed": at or 0.0,
                "low": number(low[i]) or 0.0,
                "high": number(high[i]) or 0.0,
                "stated": float(stated[i]),
                "end": max(at or 0.0, number(high[i]) or 0.0, float(stated[i])),
                "label": tr("{shown} of {stated}", shown=shown, stated=percent(stated[i])),
                "observed_text": percent(at),
                "interval_text": ends,
                "stated_text": percent(stated[i]),
                "n_text": count(n[i]),
                "finding": finding,
                "description": tr(
                    "{name}: {at} of the rows, 95 % interval {ends}, {stated} stated, {n} rows, {finding}",
                    name=name,
                    at=percent(at),
                    ends=ends,
                    stated=percent(stated[i]),
                    n=count(n[i]),
                    finding=finding,
                ),
            }
        )
    frame = pd.DataFrame(data)
    return Chart(
        _template(len(data), stepped(float(frame["end"].max()), REACHES)), frame, tr(ALT), fewest_people(n)
    )
