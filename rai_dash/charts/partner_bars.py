"""The columns that go with one column most strongly."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import TEMPLATES, Chart, Spec, cached_template, ordered_y, template, tooltips
from rai_dash.charts._words import count, plain_names, signed
from rai_dash.charts.association_heatmap import MEASURES
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One bar for each column, as long as its association with the chosen column, on a scale from 0 to 1; "
    "the measure is written beside it. The table below has the numbers."
)
_STEP = 28
#: The symbol of each measure, for where its name would leave no room for the bars.
SYMBOLS = {"Pearson": "r", "Spearman": "ρ", "Cramér's V": "V", "correlation ratio": "η"}
_IS_NARROW = "width < 300"


@cached_template(TEMPLATES)
def _template(n_partners: int) -> Spec:
    axis = alt.Axis(title=None, values=[0, 0.5, 1])
    room = alt.ExprRef(expr=f"width - ({_IS_NARROW} ? 52 : 128)")
    x = alt.X("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0, room]), axis=axis)
    text = alt.ExprRef(expr=f"{_IS_NARROW} ? datum.short : datum.label")
    y = ordered_y()
    rows = alt.Chart()
    facts = tooltips(
        name=tr("Column"), value_text=tr("Association"), measure_text=tr("Measure"), n_text=tr("Rows")
    )
    layers = [
        rows.mark_bar(size=14, color=theme.shade("accent"), cornerRadiusEnd=2).encode(
            x=x, y=y, tooltip=facts, description="description:N"
        ),
        rows.mark_text(align="left", dx=6, aria=False, text=text).encode(x=x, y=y),
    ]
    return template(layers, height=_STEP * n_partners + 34)


def partner_bars(
    names: Sequence[str], value: Sequence[float], *, measure: Sequence[str], n: Sequence[int]
) -> Chart:
    """Draw the strongest partners of a column.

    Parameters
    ----------
    names : sequence of str (K,)
        Partner columns from strongest to weakest.
    value : sequence of float (K,)
        Association; Pearson's r in [-1, 1], the others in [0, 1].
    measure : sequence of str (K,)
        ``"pearson"``, ``"cramers_v"`` or ``"eta"``.
    n : sequence of int (K,)
        Rows that have both values.
    """
    data = []
    for i, name in enumerate(plain_names(names)):
        kind = MEASURES.get(measure[i], measure[i])
        text = signed(value[i])
        data.append(
            {
                "name": name,
                "order": i,
                "strength": abs(float(value[i])),
                "label": f"{text}  {kind}",
                "short": f"{text} {SYMBOLS.get(kind, kind)}",
                "value_text": text,
                "measure_text": kind,
                "n_text": count(n[i]),
                "description": f"{name}: {text}, {kind}",
            }
        )
    return Chart(_template(len(names)), pd.DataFrame(data), tr(ALT))
