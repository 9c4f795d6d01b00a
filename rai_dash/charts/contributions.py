"""What pushed one score towards approval or towards refusal, by SHAP or by LIME."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    halo_text,
    ordered_y,
    template,
    tooltips,
)
from rai_dash.charts._words import plain_names, signed
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One bar for each column: to the right it pushed the score towards approval, to the left towards "
    "refusal; the longer the bar, the stronger. The table below has the numbers."
)
ALT_SPREAD = mark(
    "One bar for each column: to the right it pushed the score towards approval, to the left towards refusal; the "
    "longer the bar, the stronger; thin lines show how much it varies over repetitions. The table below has the "
    "numbers."
)
Space = Literal["log-odds", "probability", "weight"]
#: Titles of the axis; log-odds and probability never share a chart.
UNITS = {"log-odds": mark("log-odds"), "probability": mark("percentage points"), "weight": mark("weight")}
_LABEL = {
    "log-odds": "datum.value > 0 ? '+' + datum.label : datum.label",
    "probability": "(datum.value > 0 ? '+' : '') + replace(format(datum.value * 100, '.3~g'), '-', '−')",
    "weight": "datum.value > 0 ? '+' + datum.label : datum.label",
}
_STEP = 28
REST = mark("all other columns")


@cached_template(TEMPLATES)
def _template(n_rows: int, space: str) -> Spec:
    scale = alt.Scale(padding=10, nice=False, zero=True)
    axis = alt.Axis(title=tr(UNITS[space]), labelExpr=_LABEL[space], tickCount=5)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    y = ordered_y(labelLimit=140)
    rows = alt.Chart()
    paint = alt.when("datum.value < 0").then(alt.value(theme.DECLINED)).otherwise(alt.value(theme.APPROVED))
    facts = tooltips(
        name=tr("Column"), label=tr("Contribution"), spread_text=tr("Spread"), method=tr("Method")
    )
    layers = [
        # Invisible: as far left as right, so that 0 stays in the middle.
        rows.mark_rule(opacity=0, aria=False).encode(x=x("reach_low"), x2="reach:Q", y=y),
        rows.mark_bar(size=14, cornerRadiusEnd=2).encode(
            x=x("value"), y=y, color=paint, tooltip=facts, description="description:N"
        ),
        rows.mark_rule(color=theme.shade("ink"), strokeWidth=1.5, aria=False).encode(
            x=x("spread_low"), x2="spread_high:Q", y=y
        ),
        rows.transform_filter("datum.order === 0")
        .mark_rule(color=theme.shade("muted"), strokeWidth=1, aria=False)
        .encode(x=alt.datum(0)),
    ]
    # The amount stands on the empty side of the line, so that even a phone leaves the bars their length.
    side = "datum.value < 0 ? {left} : {right}"
    layers += halo_text(
        rows,
        {"x": x("foot"), "y": y, "text": "label:N"},
        align=alt.ExprRef(expr=side.format(left="'left'", right="'right'")),
        dx=alt.ExprRef(expr=side.format(left="6", right="-6")),
    )
    first = rows.transform_filter("datum.order === 0")
    for text, toward, shift in ((tr("← refusal"), "right", -8), (tr("approval →"), "left", 8)):
        align: Any = toward
        head = first.mark_text(y=-10, align=align, dx=shift, color=theme.shade("muted"), aria=False)
        layers.append(head.encode(x=alt.datum(0), text=alt.value(text)))
    return template(layers, height=_STEP * n_rows + 74, top=24)


def contribution_order(
    first: Mapping[str, float], second: Mapping[str, float], *, k: int = 10
) -> tuple[str, ...]:
    """Choose and order the columns for two charts that stand side by side.

    A column is shown for its larger share of the two sums of absolute values; those shown stand in the order of their
    share of ``first``, so that the order of a few columns does not wait for ``second``.

    Parameters
    ----------
    first, second : mapping of str to float
        Contributions by column, for example SHAP and LIME; units may differ.
    k : int
        Number of columns to show.
    """

    def shares(values: Mapping[str, float]) -> dict[str, float]:
        total = sum(abs(v) for v in values.values()) or 1.0
        return {name: abs(v) / total for name, v in values.items()}

    a, b = shares(first), shares(second)
    names = list(dict.fromkeys([*first, *second]))
    largest = sorted(names, key=lambda name: -max(a.get(name, 0.0), b.get(name, 0.0)))[:k]
    return tuple(sorted(largest, key=lambda name: (-a.get(name, 0.0), -b.get(name, 0.0))))


def contributions(
    values: Mapping[str, float],
    *,
    order: Sequence[str],
    space: Space,
    method: str,
    sd: Mapping[str, float] | None = None,
    shown: Mapping[str, object] | None = None,
) -> Chart:
    """Draw the contributions of columns to one score.

    Parameters
    ----------
    values : mapping of str to float
        Contribution a column, positive = towards approval. In ``space``; probabilities in [-1, 1].
    order : sequence of str
        Columns from top to bottom; those left out are added up in a last bar.
    space : {"log-odds", "probability", "weight"}
        Unit of the axis; ``"weight"`` for the coefficients of a LIME surrogate in its own units.
    method : str
        Plain name of the route, for the tooltip.
    sd : mapping of str to float, optional
        Standard deviation over repetitions, drawn as a whisker.
    shown : mapping of str to value, optional
        The applicant's own values, written as ``"column = value"``.
    """
    entries = [(name, values.get(name, 0.0), (sd or {}).get(name)) for name in order]
    left = [v for name, v in values.items() if name not in set(order)]
    names = [f"{name} = {shown[name]}" if shown and name in shown else name for name in order]
    if left:
        entries.append((tr(REST), sum(left), None))
        names.append(f"{tr(REST)} ({len(left)})")
    names = list(plain_names(names))
    reach = max((abs(v) + (spread or 0.0) for _, v, spread in entries), default=0.0) or 1.0
    rows = []
    for i, (_, value, spread) in enumerate(entries):
        out = spread or 0.0
        text = _amount(value, space)
        rows.append(
            {
                "name": names[i],
                "order": i,
                "value": value,
                "foot": max(0.0, value + out) if value < 0 else min(0.0, value - out),
                "spread_low": value - out,
                "spread_high": value + out,
                "reach_low": -reach,
                "reach": reach,
                "label": text,
                "spread_text": "–" if spread is None else f"± {_amount(out, space).lstrip('+')}",
                "method": method,
                "description": f"{names[i]}: {text} {(tr('towards refusal') if value < 0 else tr('towards approval'))}",
            }
        )
    return Chart(_template(len(rows), space), pd.DataFrame(rows), tr(ALT if sd is None else ALT_SPREAD))


def _amount(value: float, space: str) -> str:
    if space == "probability":
        # Adding 0.0 turns a rounded -0.0 into 0.0: nothing has no direction.
        points = round(100 * value, 1) + 0.0
        return ("+" if points > 0 else "") + signed(points, 1) + " pts"
    digits = 2 if abs(value) >= 0.1 or value == 0 else 3
    return ("+" if value > 0 else "") + signed(value, digits)
