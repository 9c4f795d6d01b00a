"""How each model did on every version of the living test set: one line a model, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    legend,
    legend_height,
    part,
    percent_axis,
    template,
    tooltips,
)
from rai_dash.charts._words import count, interval, number, percent
from rai_dash.core.texts import mark, tr

ALT = mark(
    "{what} on each version of the test set: one line with dots and 95 % intervals for the model used "
    "now, hollow, and one for the candidate, filled. The table below has the numbers."
)
SERIES: Final = (mark("used now"), mark("candidate"))
MAX_VERSIONS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPoint:
    """One model on one version; value None = undefined."""

    series: str
    version: int
    rows: int
    value: float | None
    low: float | None
    high: float | None


@cached_template(TEMPLATES)
def _template(versions: tuple[int, ...]) -> Spec:
    x = alt.X(
        "version:O",
        scale=alt.Scale(domain=[str(v) for v in versions], paddingOuter=0.3),
        axis=alt.Axis(title=tr("version of the test set"), labelAngle=0),
    )
    shift = alt.XOffset("series:N", scale=alt.Scale(domain=[tr(series) for series in SERIES]))

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis())

    domain = [tr(series) for series in SERIES]
    key = legend(2, columns=2, width=200)
    stroke = alt.Stroke(
        "series:N",
        scale=alt.Scale(domain=domain, range=[theme.shade("muted"), theme.shade("accent")]),
        legend=key,
    )
    fill = alt.Fill(
        "series:N",
        scale=alt.Scale(domain=domain, range=[theme.shade("surface"), theme.shade("accent")]),
        legend=key,
    )
    facts = tooltips(
        series=tr("Model"),
        version=tr("Version"),
        value_text=tr("Value"),
        interval_text=tr("95 % interval"),
        rows_text=tr("Rows"),
    )
    layers = [
        part("point").mark_line(strokeWidth=2, aria=False).encode(x=x, y=y("value"), xOffset=shift, stroke=stroke),
        part("point")
        .mark_rule(strokeWidth=3, strokeCap="round", opacity=0.5, aria=False)
        .encode(x=x, y=y("low"), y2="high:Q", xOffset=shift, stroke=stroke),
        part("point")
        .mark_point(size=90, strokeWidth=2.5, opacity=1)
        .encode(
            x=x, y=y("value"), xOffset=shift, stroke=stroke, fill=fill, tooltip=facts, description="description:N"
        ),
    ]  # fmt: skip
    return template(layers, height=260, top=10 + legend_height(2, columns=2))


def model_versions(points: Sequence[VersionPoint], *, what: str) -> Chart:
    """Draw two models over the versions of a test set.

    Parameters
    ----------
    points : sequence of VersionPoint
        Those with a value are drawn; ``series`` is one of `SERIES`.
    what : str
        Name of the number in our words; not from a file.

    Raises
    ------
    ValueError
        More than 60 versions.
    """
    versions = tuple(sorted({p.version for p in points}))
    if len(versions) > MAX_VERSIONS:
        msg = f"This chart shows at most {MAX_VERSIONS} versions, got {len(versions)}. Keep the newest."
        raise ValueError(msg)
    rows = []
    for one in points:
        value = number(one.value)
        if value is None:
            continue
        # Without an interval the rule shrinks to the dot.
        low, high = (value if (end := number(v)) is None else end for v in (one.low, one.high))
        ends = interval(one.low, one.high)
        said = tr(
            "{series}, version {version}: {value}, 95 % interval {ends}",
            series=one.series,
            version=one.version,
            value=percent(value),
            ends=ends,
        )
        rows.append(
            {
                "part": "point", "series": one.series, "version": str(one.version), "value": value, "low": low,
                "high": high, "value_text": percent(value), "interval_text": ends, "rows_text": count(one.rows),
                "description": tr("{said}, {rows} rows", said=said, rows=count(one.rows)),
            }
        )  # fmt: skip
    columns = ("part", "series", "version", "value", "low", "high", "value_text", "interval_text", "rows_text",
               "description")  # fmt: skip
    return Chart(_template(versions), pd.DataFrame(rows, columns=columns), tr(ALT, what=what))
