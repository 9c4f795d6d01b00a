"""Where the scores of each group fall: one small histogram a group over one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    Chart,
    FloatLike,
    Spec,
    cached_template,
    group_paint,
    halo_text,
    part,
    percent_axis,
    slot,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, number, percent, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import written

ALT = mark(
    "One small histogram of the scores for each group, one below the other over the same axis from 0 to "
    "100 %; equal heights are equal shares of the group. The dashed line through all is the threshold, "
    "grey groups have few rows. The table below has the numbers."
)
MAX_GROUPS = 8
_STEP = 62
# Of the room of a group, what the tallest bar takes; its name stands above.
_TALLEST = 0.68


@cached_template(MAX_GROUPS)
def _template(n_groups: int) -> Spec:
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(title=tr("score"), grid=False))
    # Group k stands on k + 1, counted from the top; names are text, so that a phone keeps its whole width.
    scale = alt.Scale(domain=[n_groups, 0], nice=False)

    def y(field: str = "y") -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scale, axis=None)

    facts = tooltips(name=tr("Group"), range=tr("Scores"), share_text=tr("Share of the group"))
    names = halo_text(part("name"), {"y": y(), "text": "name:N"}, x=2, align="left", baseline="top", dy=3)
    for text in names:
        text.mark.limit = alt.ExprRef(expr="width - 110")
    note: dict[str, Any] = {"align": "left", "color": theme.shade("muted")}
    layers = [
        part("name").mark_rule(color=theme.shade("faint"), strokeWidth=1, aria=False).encode(y=y("foot")),
        part("bin")
        .mark_rect(stroke=theme.shade("surface"), strokeWidth=0.5)
        .encode(
            x=x,
            x2="stop:Q",
            y=y(),
            y2="foot:Q",
            color=group_paint(),
            tooltip=facts,
            description="description:N",
        ),
        # The rim keeps the line visible on dark bars.
        part("threshold").mark_rule(strokeWidth=4, color=theme.shade("surface"), aria=False).encode(x=x),
        part("threshold")
        .mark_rule(strokeDash=[4, 4], strokeWidth=1.5, color=theme.shade("ink"), aria=False)
        .encode(x=x),
        *names,
        part("none").mark_text(x=2, dy=-12, **note).encode(y=y("foot"), text="label:N"),
    ]
    align = alt.ExprRef(expr="datum.x > 0.75 ? 'right' : datum.x < 0.25 ? 'left' : 'center'")
    layers += halo_text(part("threshold"), {"x": x, "text": "label:N"}, y=-8, align=align)
    return template(layers, height=_STEP * n_groups + 66, top=22, right=18)


def group_scores(
    names: Sequence[str],
    left: Sequence[float],
    right: Sequence[float],
    shares: Sequence[FloatLike],
    *,
    threshold: float,
    small: Sequence[bool],
) -> Chart:
    """Draw the distribution of the score by group.

    Parameters
    ----------
    names : sequence of str (G,)
        Groups in their fixed order, at most 8.
    left, right : sequence of float (B,)
        Ends of the ranges of scores, in [0, 1]. Heights are shares over widths, so that uneven ranges do not
        mislead. Eight groups leave room for 200 ranges.
    shares : nested sequence of float or None (G, B)
        Share of the group's scored rows in each range, summing to 1; all None or 0 = the group has no scores.
    threshold : float
        Present threshold in [0, 1].
    small : sequence of bool (G,)
        Groups with too few rows, drawn grey and cut at the height of the others.

    Raises
    ------
    ValueError
        More than 8 groups, or more marks than a chart may have.
    """
    if len(names) > MAX_GROUPS:
        msg = f"This chart shows at most {MAX_GROUPS} groups, got {len(names)}. Keep the largest or the most telling."
        raise ValueError(msg)
    density = [[(number(s) or 0.0) / (right[k] - left[k]) for k, s in enumerate(row)] for row in shares]
    # A group of a few people is a few tall spikes: they must not flatten all others, and are cut instead.
    large = [row for row, few in zip(density, small, strict=True) if not few and any(row)] or density
    tallest = max((h for row in large for h in row), default=0.0) or 1.0
    rows: list[dict[str, object]] = [
        {
            "part": "threshold",
            "x": float(threshold),
            "label": tr("threshold {threshold} %", threshold=written(f"{100 * threshold:.3g}")),
        }
    ]
    for i, name in enumerate(plain_names(names)):
        base: dict[str, object] = {"name": name, "slot": slot(i), "few": bool(small[i]), "foot": float(i + 1)}
        rows.append(base | {"part": "name", "y": float(i)})
        if not any(density[i]):
            rows.append(base | {"part": "none", "label": tr("{dash} no scores", dash=DASH)})
        for k, height in enumerate(density[i]):
            if height <= 0:
                continue
            span, shown = (
                tr("{left} to {right}", left=percent(left[k]), right=percent(right[k])),
                percent(shares[i][k]),
            )
            rows.append(
                base
                | {
                    "part": "bin",
                    "x": float(left[k]),
                    "stop": float(right[k]),
                    "y": i + 1 - _TALLEST * min(height / tallest, 1.0),
                    "range": span,
                    "share_text": shown,
                    "description": tr("{name}, scores {span}: {shown}", name=name, span=span, shown=shown),
                }
            )
    return Chart(_template(len(names)), pd.DataFrame(rows), tr(ALT))
