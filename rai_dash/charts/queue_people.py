"""How well people decide beside what was assumed of them: a dot and its interval, and a tick for the assumption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
    named_y,
    part,
    percent_x,
    rows_height,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, interval, percent
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Estimate
from rai_dash.core.words import written

ALT = mark(
    "One line for each figure about people on an axis from 0 to 100 %: a dot with its 95 % interval is "
    "what was measured, a tall tick is what the signed policy assumes. The table below has the numbers."
)
_ALIGN = inward(0.09, 0.91)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One line of the chart.

    Parameters
    ----------
    name : str
        In our words; not from a file.
    found : Estimate
        A share.
    assumed : float or None
        None = nothing was assumed of it.
    """

    name: str
    found: Estimate
    assumed: float | None = None


@cached_template(TEMPLATES)
def _template(names: tuple[str, ...]) -> Spec:
    y = named_y("name", names, labelLimit=190)
    whisker = (
        part("found")
        .mark_rule(strokeWidth=3, strokeCap="round", opacity=0.5, color=theme.shade("accent"), aria=False)
        .encode(x=percent_x("low"), x2="high:Q", y=y)
    )
    assumed = (
        part("assumed")
        .mark_tick(thickness=3, size=24, color=theme.shade("muted"))
        .encode(
            x=percent_x(),
            y=y,
            tooltip=tooltips(name=tr("Figure"), label=tr("Assumed")),
            description="description:N",
        )
    )
    facts = tooltips(
        name=tr("Figure"), value_text=tr("Measured"), interval_text=tr("95 % interval"), n_text=tr("Of")
    )
    dot = (
        part("found")
        .mark_point(size=100, filled=True, opacity=1, color=theme.shade("accent"))
        .encode(x=percent_x(), y=y, tooltip=facts, description="description:N")
    )
    label = halo_text(part("found"), {"x": percent_x(), "y": y, "text": "label:N"}, align=_ALIGN, dy=-13)
    why: dict[str, Any] = {"x": 6, "align": "left", "limit": alt.ExprRef(expr="width - 12")}
    said = {"y": y, "text": "label:N"}
    # A rim alone: the tick of what was assumed does not cut the words.
    rim, _ = halo_text(part("undefined"), said, **why)
    undefined = part("undefined").mark_text(color=theme.shade("muted"), **why).encode(**said)
    return template(
        [assumed, whisker, dot, *label, rim, undefined], height=rows_height(len(names), extra=12), top=20
    )


def queue_people(lines: Sequence[Measured]) -> Chart:
    """Draw the lines from top to bottom; one without a value says why."""
    rows: list[dict[str, object]] = []
    for line in lines:
        found = line.found
        if found.value is None:
            label = f"{DASH} {found.reason or 'undefined'}"
            rows.append({"part": "undefined", "name": line.name, "label": label})
        else:
            shown, ends = percent(found.value), interval(found.low, found.high)
            of = (
                tr("{denominator} decisions", denominator=written(f"{found.denominator:,.0f}"))
                if found.denominator is not None
                else DASH
            )
            facts = {"value_text": shown, "interval_text": ends, "n_text": of, "label": shown}
            told = tr(
                "{line}: {shown}, 95 % interval {ends}, of {of}",
                line=line.name,
                shown=shown,
                ends=ends,
                of=of,
            )
            ends_at = {"x": found.value, "low": found.low, "high": found.high}
            rows.append({"part": "found", "name": line.name, **ends_at, **facts, "description": told})
        if line.assumed is not None:
            label = percent(line.assumed)
            told = tr("{line}: {label} is assumed", line=line.name, label=label)
            rows.append(
                {"part": "assumed", "name": line.name, "x": line.assumed, "label": label, "description": told}
            )
    return Chart(_template(tuple(line.name for line in lines)), pd.DataFrame(rows), tr(ALT))
