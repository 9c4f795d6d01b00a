"""Do scores mean what they say: the share with a favourable outcome against the mean score, in bins."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import Chart, Spec, cached_template, if_few, part, percent_axis, template, tooltips
from rai_dash.charts._words import count, interval, number, percent
from rai_dash.core.texts import mark, tr

ALT = mark(
    "Calibration: one dot with its 95 % interval for each range of scores, the observed share with a "
    "favourable outcome against the mean score; on the dashed diagonal both are equal. Bars below show "
    "the number of rows of each range. Grey rings have few rows. The table below has the numbers."
)
# Shares take 0 to 1 of the vertical scale; below it hang the bars of counts.
_FLOOR, _ROOM = -0.3, 0.22


@cached_template(1)
def _template() -> Spec:
    share = alt.Scale(domain=[0, 1])
    x = alt.X("x:Q", scale=share, axis=percent_axis(title=tr("mean score")))
    scale = alt.Scale(domain=[_FLOOR, 1], nice=False)
    axis = percent_axis(title=tr("favourable outcome"))

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scale, axis=axis)

    facts = tooltips(
        range=tr("Scores"),
        x_text=tr("Mean score"),
        y_text=tr("Favourable"),
        interval_text=tr("95 % interval"),
        n_text=tr("Rows"),
    )
    layers = [
        part("diagonal")
        .mark_line(strokeDash=[4, 4], strokeWidth=1.5, color=theme.shade("muted"), aria=False)
        .encode(x=x, y=y("y")),
        part("bin")
        .mark_rect(stroke=theme.shade("surface"), aria=False)
        .encode(
            x=alt.X("start:Q", scale=share),
            x2="stop:Q",
            y=y("floor"),
            y2="bar:Q",
            color=if_few(theme.FEW, theme.shade("accent")),
            opacity=alt.value(0.6),
            tooltip=facts,
        ),
        part("bin")
        .mark_rule(strokeWidth=3, strokeCap="round", opacity=0.45, aria=False)
        .encode(x=x, y=y("low"), y2="high:Q", color=if_few(theme.FEW, theme.shade("accent"))),
        part("bin")
        .mark_point(size=80, strokeWidth=2.5, opacity=1)
        .encode(
            x=x,
            y=y("y"),
            stroke=if_few(theme.FEW, theme.shade("accent")),
            fill=if_few(theme.shade("surface"), theme.shade("accent")),
            tooltip=facts,
            description="description:N",
        ),
        part("note")
        .mark_text(align="left", baseline="top", dx=4, color=theme.shade("muted"), aria=False)
        .encode(x=x, y=y("y"), text="label:N"),
    ]
    return template(layers, height=380, right=18)


def calibration(
    edges: Sequence[float],
    *,
    mean_score: Sequence[float | None],
    rate: Sequence[float | None],
    low: Sequence[float | None],
    high: Sequence[float | None],
    n: Sequence[int],
    small: Sequence[bool],
) -> Chart:
    """Draw a calibration curve.

    Parameters
    ----------
    edges : sequence of float (B + 1,)
        Ends of the ranges of scores, in [0, 1].
    mean_score, rate : sequence of float or None (B,)
        Mean score and share with a favourable outcome of the labelled rows; None or NaN where there are none.
    low, high : sequence of float or None (B,)
        95 % interval of ``rate``.
    n : sequence of int (B,)
        Labelled rows a range.
    small : sequence of bool (B,)
        Ranges with too few rows.
    """
    rows: list[dict[str, object]] = [{"part": "diagonal", "x": v, "y": v} for v in (0.0, 1.0)]
    most = max(1, *n)
    rows.append({"part": "note", "x": 0.0, "y": -0.03, "label": tr("rows, up to {most}", most=count(most))})
    for i, rows_of_bin in enumerate(n):
        at, share = number(mean_score[i]), number(rate[i])
        if at is None or share is None:
            continue
        ends = interval(low[i], high[i])
        rows.append(
            {
                "part": "bin",
                "start": float(edges[i]),
                "stop": float(edges[i + 1]),
                "floor": _FLOOR,
                "bar": _FLOOR + _ROOM * rows_of_bin / most,
                "x": at,
                "y": share,
                "low": number(low[i]),
                "high": number(high[i]),
                "few": bool(small[i]),
                "range": tr("{edges} to {edges_i}", edges=percent(edges[i]), edges_i=percent(edges[i + 1])),
                "x_text": percent(at),
                "y_text": percent(share),
                "interval_text": ends,
                "n_text": count(rows_of_bin),
                "description": tr(
                    "mean score {at}: {share} favourable, 95 % interval {ends}, {rows_of_bin} rows",
                    at=percent(at),
                    share=percent(share),
                    ends=ends,
                    rows_of_bin=count(rows_of_bin),
                ),
            }
        )
    return Chart(_template(), pd.DataFrame(rows), tr(ALT))
