"""What the gap between two groups' scores is made of, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._amounts import LABELS, TITLES, amount, amount_interval
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    FloatLike,
    Spec,
    cached_template,
    halo_text,
    ordered_y,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, STAR, number, percent, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One bar for each column and one for the whole gap: to the right the column lifts the mean score of "
    "the first group above that of the second, to the left it lowers it; the bars of the columns add up "
    "to the gap. Thin lines are 95 % intervals, a star marks what a test shows. The table below has the "
    "numbers."
)
WHOLE, REST = mark("the whole gap"), mark("all other columns")
_STEP = 30
Space = Literal["log-odds", "probability"]


@cached_template(TEMPLATES)
def _template(n_rows: int, space: str) -> Spec:
    scale = alt.Scale(padding=10, nice=False, zero=True)
    axis = alt.Axis(title=tr(TITLES[space]) or None, labelExpr=LABELS[space], tickCount=5)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    y, rows = ordered_y(labelLimit=140), alt.Chart()
    paint = (
        alt.when("datum.whole")
        .then(alt.value(theme.shade("muted")))
        .otherwise(alt.value(theme.shade("accent")))
    )
    facts = tooltips(
        name=tr("Column"),
        label=tr("Part of the gap"),
        interval_text=tr("95 % interval"),
        share_text=tr("Share of it"),
    )
    layers = [
        # Invisible: as far left as right, so that 0 stays in the middle and the amounts have room.
        rows.mark_rule(opacity=0, aria=False).encode(x=x("reach_low"), x2="reach:Q", y=y),
        rows.mark_bar(size=14, cornerRadiusEnd=2).encode(
            x=x("value"), y=y, color=paint, tooltip=facts, description="description:N"
        ),
        rows.mark_rule(color=theme.shade("ink"), strokeWidth=1.5, aria=False).encode(
            x=x("low"), x2="high:Q", y=y
        ),
        rows.transform_filter("datum.order === 0")
        .mark_rule(color=theme.shade("muted"), strokeWidth=1, aria=False)
        .encode(x=alt.datum(0)),
    ]
    side = "datum.value < 0 ? {left} : {right}"
    place: dict[str, Any] = {
        "align": alt.ExprRef(expr=side.format(left="'left'", right="'right'")),
        "dx": alt.ExprRef(expr=side.format(left="6", right="-6")),
    }
    layers += halo_text(rows, {"x": x("foot"), "y": y, "text": "label:N"}, **place)
    return template(layers, height=_STEP * n_rows + 54)


def group_reasons(
    names: Sequence[str],
    part: FloatLike,
    *,
    low: FloatLike,
    high: FloatLike,
    share: FloatLike,
    starred: Sequence[bool],
    gap: tuple[float, float | None, float | None],
    space: Space,
    most: int = 12,
) -> Chart:
    """Draw the parts of the gap between two groups.

    Parameters
    ----------
    names : sequence of str (K,)
        All columns.
    part, low, high : sequence of float (K,)
        Difference of mean attribution, first group less second, with its 95 % interval.
    share : sequence of float or None (K,)
        Part of the gap; None or NaN = the gap cannot be told from 0.
    starred : sequence of bool (K,)
        What a test shows.
    gap : tuple of float
        Difference of mean output, and its interval.
    space : {"log-odds", "probability"}
        Of everything.
    most : int
        Columns with a bar of their own, by size; the others are added up in one.
    """
    order = sorted(range(len(names)), key=lambda i: -abs(part[i] or 0.0))
    chosen, left = order[:most], order[most:]
    plain = plain_names([WHOLE, *(names[i] for i in chosen), f"{REST} ({len(left)})"])
    entries: list[tuple[Any, ...]] = [(*gap, None, False)]
    entries += [(part[i], low[i], high[i], share[i], starred[i]) for i in chosen]
    if left:
        shares = [number(share[i]) for i in left]
        known = None if None in shares else sum(s for s in shares if s is not None)
        entries.append((sum(part[i] or 0.0 for i in left), None, None, known, False))
    reach = (
        max((abs(e) for row in entries for e in map(number, row[:3]) if e is not None), default=0.0) or 1.0
    )
    rows = [_row(i, plain[i], entry, space, reach) for i, entry in enumerate(entries)]
    return Chart(_template(len(rows), space), pd.DataFrame(rows), tr(ALT))


def _row(i: int, name: str, entry: tuple[Any, ...], space: str, reach: float) -> dict[str, object]:
    value, low, high = (number(e) for e in entry[:3])
    share, x = number(entry[3]), value or 0.0
    text = amount(value, space) + (f" {STAR}" if entry[4] else "")
    told = amount_interval(low, high, space)
    ends = [e for e in (x, low, high, 0.0) if e is not None]
    return {
        "name": name, "order": i, "whole": i == 0, "value": value, "low": low, "high": high,
        "foot": max(ends) if x < 0 else min(ends), "reach_low": -reach, "reach": reach, "label": text,
        "interval_text": told, "share_text": DASH if share is None else _share(share),
        "description": tr("{name}: {text}, 95 % interval {told}", name=name, text=text, told=told),
    }  # fmt: skip


def _share(share: float) -> str:
    return f"−{percent(-share)}" if share < 0 else percent(share)
