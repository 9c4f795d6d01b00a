"""A number in each category, as boxes."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._base import (
    NUMBER_LABEL,
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    ordered_y,
    rows_height,
    template,
    tooltips,
)
from rai_dash.charts._words import count, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import written

ALT = mark(
    "One box for each category: it holds the middle half of the rows, the line in it is the median, and "
    "the whiskers reach from the lowest to the highest twentieth. The table below has the numbers."
)


@cached_template(TEMPLATES)
def _template(n_rows: int) -> Spec:
    axis = alt.Axis(title=None, labelExpr=NUMBER_LABEL)
    scale = alt.Scale(zero=False)
    y = ordered_y()
    facts = tooltips(
        name=tr("Category"),
        median_text=tr("Median"),
        half_text=tr("Middle half"),
        most_text=tr("Middle nine tenths"),
        n_text=tr("Rows"),
    )

    def at(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    rows = alt.Chart()
    layers = [
        rows.mark_rule(color=theme.shade("muted"), aria=False).encode(x=at("low"), x2="high:Q", y=y),
        rows.mark_bar(size=16, color=theme.shade("accent"), cornerRadius=2).encode(
            x=at("quarter"), x2="three:Q", y=y, tooltip=facts, description="description:N"
        ),
        rows.mark_tick(size=22, thickness=3, color=theme.shade("ink"), aria=False).encode(
            x=at("median"), y=y, tooltip=facts
        ),
    ]
    return template(layers, height=rows_height(n_rows), right=16)


def pair_boxes(names: Sequence[str], quantiles: ArrayLike, n: Sequence[int]) -> Chart:
    """Draw one box a category.

    Parameters
    ----------
    names : sequence of str (c,)
        Categories from top to bottom.
    quantiles : float (c, 5)
        At 5, 25, 50, 75 and 95 %.
    n : sequence of int (c,)
        Rows of each.
    """
    table = np.asarray(quantiles, dtype=np.float64)
    data = []
    for i, name in enumerate(plain_names(names)):
        low, quarter, median, three, high = (float(v) for v in table[i])
        data.append(
            {
                "name": name,
                "order": i,
                "low": low,
                "quarter": quarter,
                "median": median,
                "three": three,
                "high": high,
                "median_text": written(f"{median:.4g}"),
                "half_text": tr(
                    "{quarter} to {three}", quarter=written(f"{quarter:.4g}"), three=written(f"{three:.4g}")
                ),
                "most_text": tr("{low} to {high}", low=written(f"{low:.4g}"), high=written(f"{high:.4g}")),
                "n_text": count(n[i]),
                "description": tr(
                    "{name}: median {median}, middle half {quarter} to {three}",
                    name=name,
                    median=written(f"{median:.4g}"),
                    quarter=written(f"{quarter:.4g}"),
                    three=written(f"{three:.4g}"),
                ),
            }
        )
    return Chart(_template(len(names)), pd.DataFrame(data), tr(ALT), fewest_people(n))
