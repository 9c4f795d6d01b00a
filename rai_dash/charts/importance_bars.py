"""How much each column matters, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._amounts import LABELS, TITLES, Unit, amount, amount_interval
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    FloatLike,
    Spec,
    cached_template,
    ordered_y,
    template,
    tooltips,
)
from rai_dash.charts._words import number, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One bar for each column, the most important on top: the longer the bar, the more the column "
    "matters; thin lines are 95 % intervals. The table below has the numbers."
)
_STEP = 28


@cached_template(TEMPLATES)
def _template(n_rows: int, unit: str) -> Spec:
    axis = alt.Axis(
        title=tr(TITLES[unit]) or None,
        labelExpr=LABELS[unit].replace("(datum.value > 0 ? '+' : '') + ", ""),
        tickCount=4,
    )
    room = alt.ExprRef(expr="width - 96")
    scale = alt.Scale(zero=True, nice=False, range=[0, room])

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    y = ordered_y(labelLimit=150)
    rows = alt.Chart()
    facts = tooltips(name=tr("Column"), label=tr("Importance"), interval_text=tr("95 % interval"))
    layers = [
        rows.mark_bar(size=14, color=theme.shade("accent"), cornerRadiusEnd=2).encode(
            x=x("value"), y=y, tooltip=facts, description="description:N"
        ),
        rows.mark_rule(color=theme.shade("ink"), strokeWidth=1.5, aria=False).encode(
            x=x("low"), x2="high:Q", y=y, tooltip=facts
        ),
        rows.mark_text(align="left", dx=8, aria=False).encode(x=x("end"), y=y, text="label:N"),
    ]
    return template(layers, height=_STEP * max(n_rows, 1) + 54)


def importance_bars(
    names: Sequence[str],
    value: FloatLike,
    *,
    low: FloatLike,
    high: FloatLike,
    unit: Unit,
) -> Chart:
    """Draw how much columns matter.

    Parameters
    ----------
    names : sequence of str (K,)
        Columns, or blocks of columns, from the most important to the least.
    value, low, high : sequence of float or None (K,)
        Importance with the ends of its 95 % interval; None or NaN = undefined. May be slightly negative: shuffling a
        column that does nothing.
    unit : {"log-odds", "probability", "loss", "cost"}
        Of the values; a drop in AUC, in Brier score or log loss is ``"loss"``.
    """
    rows = []
    for i, name in enumerate(plain_names(names)):
        x, ends = number(value[i]), (number(low[i]), number(high[i]))
        text = amount(x, unit, plus=False)
        told = amount_interval(*ends, unit, plus=False)
        rows.append(
            {
                "name": name,
                "order": i,
                "value": x,
                "low": ends[0],
                "high": ends[1],
                "end": max([e for e in (x, ends[1], 0.0) if e is not None]),
                "label": text,
                "interval_text": told,
                "description": tr("{name}: {text}, 95 % interval {told}", name=name, text=text, told=told),
            }
        )
    return Chart(_template(len(rows), unit), pd.DataFrame(rows), tr(ALT))
