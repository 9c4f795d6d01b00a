"""Which columns have moved most between two data sets, by their population stability index."""

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
    if_few,
    label_room,
    ordered_y,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, STAR, number, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One bar for each column, as long as its population stability index; lines at 0.10 and 0.25 are "
    "conventions and a tick is what chance alone gives. Coloured bars with a star are shown to have "
    "moved by a test, grey ones are not. The table below has the numbers."
)
MAX_ROWS = 40
LINES = (0.10, 0.25)
_TOPS = (0.3, 0.5, 1.0, 2.0, 5.0)
_STEP = 28


@cached_template(TEMPLATES)
def _template(n_rows: int, top: float) -> Spec:
    values = [0, *LINES] if top < 1.0 else [0, 0.25, top]
    scale = alt.Scale(domain=[0, top], range=label_room(72), nice=False, clamp=True)
    axis = alt.Axis(title=tr("population stability index"), values=values, format=".2f")
    y = ordered_y()
    rows = alt.Chart()
    once = rows.transform_filter("datum.order === 0")
    facts = tooltips(
        name=tr("Column"), value_text=tr("PSI"), chance_text=tr("By chance alone"), finding=tr("Finding")
    )

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    layers = [
        rows.mark_bar(size=14, cornerRadiusEnd=2).encode(
            x=x("value"),
            y=y,
            color=if_few(theme.FEW, theme.shade("accent")),
            tooltip=facts,
            description="description:N",
        ),
        rows.mark_tick(size=20, thickness=2, color=theme.shade("ink"), aria=False).encode(x=x("chance"), y=y),
        *(
            once.mark_rule(color=theme.shade("muted"), strokeDash=[4, 3], aria=False).encode(x=x(f"line_{i}"))
            for i in range(len(LINES))
        ),
        # Above the lines: they would cross the numbers out.
        rows.mark_text(align="left", dx=6, aria=False).encode(x=x("end"), y=y, text="label:N"),
    ]
    return template(layers, height=_STEP * n_rows + 52)


def shift_bars(
    names: Sequence[str],
    value: FloatLike,
    *,
    chance: FloatLike,
    shown: Sequence[bool],
    finding: Sequence[str],
) -> Chart:
    """Draw the population stability index of some columns.

    Parameters
    ----------
    names : sequence of str (k,)
        Columns from top to bottom, at most 40.
    value, chance : sequence of float or None (k,)
        Index, and its median where nothing has moved; None or NaN = undefined.
    shown : sequence of bool (k,)
        Whether a test shows that the column has moved.
    finding : sequence of str (k,)
        Verdict in our words.

    Raises
    ------
    ValueError
        More than 40 columns.
    """
    if len(names) > MAX_ROWS:
        msg = f"This chart shows at most {MAX_ROWS} columns, got {len(names)}. Keep those that moved most."
        raise ValueError(msg)
    data: list[dict[str, object]] = []
    ends = [0.0]
    for i, name in enumerate(plain_names(names)):
        at, by_chance = number(value[i]), number(chance[i])
        text = DASH if at is None else f"{at:.2f}"
        expected = DASH if by_chance is None else f"{by_chance:.2f}"
        ends.append(max(at or 0.0, by_chance or 0.0))
        data.append(
            {
                "name": name,
                "order": i,
                "value": at or 0.0,
                "chance": by_chance or 0.0,
                "end": ends[-1],
                "few": not shown[i],
                "label": f"{text} {STAR}" if shown[i] else text,
                "value_text": text,
                "chance_text": expected,
                "finding": finding[i],
                **{f"line_{k}": line for k, line in enumerate(LINES)},
                "description": tr(
                    "{name}: PSI {text}, by chance alone {expected}, {finding}",
                    name=name,
                    text=text,
                    expected=expected,
                    finding=finding[i],
                ),
            }
        )
    top = stepped(max(ends), _TOPS)
    return Chart(_template(len(data), top), pd.DataFrame(data), tr(ALT))
