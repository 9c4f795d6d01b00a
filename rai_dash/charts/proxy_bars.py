"""How well each column alone tells groups apart, and all of them together."""

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
    halo_text,
    label_room,
    ordered_y,
    rows_height,
    template,
    tooltips,
)
from rai_dash.charts._words import number, percent, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import number as decimals

ALT = mark(
    "One dot and its 95 % interval for all columns together and for each column alone: the AUC with "
    "which it tells the groups apart, with a dashed line at 0.5 for guessing. Grey rings are not shown "
    "to be better than guessing. The table below has the numbers."
)
_GUESSING = 0.5


@cached_template(TEMPLATES)
def _template(n_rows: int) -> Spec:
    axis = alt.Axis(title=tr("AUC"), values=[0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], format=".1f")
    scale = alt.Scale(domain=[0.4, 1], clamp=True, range=label_room(132))
    y = ordered_y()

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    ink = alt.condition("datum.shown", alt.value(theme.shade("accent")), alt.value(theme.shade("muted")))
    rows = alt.Chart()
    layers = [
        rows.mark_rule(strokeDash=[4, 4], strokeWidth=1.5, color=theme.shade("muted"), aria=False).encode(
            x=x("guessing")
        ),
        rows.mark_rule(strokeWidth=3, strokeCap="round", opacity=0.5, aria=False).encode(
            x=x("low"), x2="high:Q", y=y, color=ink
        ),
        rows.mark_point(size=100, strokeWidth=2.5, opacity=1).encode(
            x=x("value"),
            y=y,
            stroke=ink,
            fill=alt.condition(
                "datum.shown", alt.value(theme.shade("accent")), alt.value(theme.shade("surface"))
            ),
            tooltip=tooltips(
                name=tr("Column"),
                value_text=tr("AUC"),
                interval_text=tr("95 % interval"),
                share_text=tr("Carries"),
            ),
            description="description:N",
        ),
        *halo_text(rows, {"x": x("end"), "y": y, "text": "label:N"}, align="left", dx=10),
    ]
    return template(layers, height=rows_height(n_rows, extra=16))


def proxy_bars(
    names: Sequence[str],
    value: FloatLike,
    *,
    low: FloatLike,
    high: FloatLike,
    share: FloatLike,
    shown: Sequence[bool],
) -> Chart:
    """Draw how well columns tell groups apart.

    Parameters
    ----------
    names : sequence of str (K,)
        All columns together, then each column, from top to bottom.
    value, low, high : sequence of float or None (K,)
        AUC in [0, 1] and the ends of its 95 % interval; None = no interval.
    share : sequence of float or None (K,)
        What the column carries of all columns together, in [0, 1]; None = not said.
    shown : sequence of bool (K,)
        Whether it is shown to be better than guessing; others are grey rings.
    """
    rows = []
    for i, name in enumerate(plain_names(names)):
        x, left, right = number(value[i]), number(low[i]), number(high[i])
        part = number(share[i])
        carries = "" if part is None else percent(part)
        ends = (
            "–"
            if left is None or right is None
            else tr("{decimals} to {decimals_right}", decimals=decimals(left), decimals_right=decimals(right))
        )
        rows.append(
            {
                "name": name,
                "order": i,
                "guessing": _GUESSING,
                "value": x,
                "low": x if left is None else left,
                "high": x if right is None else right,
                "end": x if right is None else right,
                "shown": bool(shown[i]),
                "label": tr("{decimals}, {carries} of all", decimals=decimals(x), carries=carries)
                if carries
                else decimals(x),
                "value_text": decimals(x),
                "interval_text": ends,
                "share_text": carries or "–",
                "description": tr(
                    "{name}: AUC {decimals}, 95 % interval {ends}", name=name, decimals=decimals(x), ends=ends
                ),
            }
        )
    return Chart(_template(len(names)), pd.DataFrame(rows), tr(ALT))
