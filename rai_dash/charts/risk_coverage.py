"""How often the machine is wrong when it decides on more and more by itself."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._band_plane import UNIT_LABEL
from rai_dash.charts._base import (
    Chart,
    Spec,
    cached_template,
    halo_text,
    legend,
    legend_height,
    part,
    percent_axis,
    template,
    tooltips,
)
from rai_dash.charts._words import number
from rai_dash.charts.curves import Curve, thin
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import percent

ALT = mark(
    "Two curves against the share that the machine decides alone: the solid one is how often it is wrong "
    "there, the dashed one its errors among all applications. A square marks the present band. The table "
    "below has the numbers."
)
#: Points of a curve.
MAX_POINTS = 400
NAMES = (mark("wrong when it decides alone"), mark("wrong among all applications"))


@cached_template(1)
def _template() -> Spec:
    place: dict[str, Any] = {
        "x": alt.X(
            "x:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(title=tr("the machine decides alone"))
        ),
        "y": alt.Y("y:Q", axis=alt.Axis(title=tr("wrong"), labelExpr=UNIT_LABEL["share"], tickCount=5)),
    }
    key = legend(2, columns=1, width=270, symbolType="stroke", symbolSize=400, labelLimit=240)
    colors = alt.Scale(domain=[tr(name) for name in NAMES], range=[theme.shade("accent"), theme.shade("ink")])
    dashes = alt.Scale(domain=[tr(name) for name in NAMES], range=[[1, 0], [6, 4]])
    facts = tooltips(label=tr("Band"), x_text=tr("Decides alone"), y_text=tr("Wrong"))
    inward = alt.ExprRef(expr="datum.x > 0.6 ? 'right' : 'left'")
    side = alt.ExprRef(expr="datum.x > 0.6 ? -12 : 12")
    layers = [
        part("curve")
        .mark_line(strokeWidth=2.5, aria=False)
        .encode(
            **place,
            order="x:Q",
            detail="name:N",
            color=alt.Color("name:N", scale=colors, legend=key),
            strokeDash=alt.StrokeDash("name:N", scale=dashes, legend=key),
        ),
        part("now")
        .mark_point(shape="square", size=150, filled=True, opacity=1, strokeWidth=2)
        .encode(
            **place,
            fill=alt.value(theme.shade("ink")),
            stroke=alt.value(theme.shade("surface")),
            tooltip=facts,
            description="description:N",
        ),
        *halo_text(part("now"), place | {"text": "label:N"}, align=inward, dx=side, dy=-12, fontWeight=600),
    ]
    top = 6 + legend_height(2, columns=1)
    return template(layers, height=320 + top, top=top, right=18)


def risk_coverage(
    coverage: ArrayLike,
    selective: ArrayLike,
    generalised: ArrayLike,
    *,
    now: tuple[float | None, float | None] | None = None,
) -> Chart:
    """Draw risk against coverage.

    Parameters
    ----------
    coverage, selective, generalised : float (m,)
        Share decided alone, errors among these, errors among all labelled rows (see the reference, section 11), in any
        order; pairs with NaN are left out and the rest thinned to 400 points a curve.
    now : (float, float), optional
        Coverage and share wrong of the present band; None or NaN = undefined, not drawn.
    """
    rows: list[dict[str, object]] = []
    x = np.asarray(coverage, dtype=np.float64)
    order = np.argsort(x, kind="stable")
    for name, risk in zip(map(tr, NAMES), (selective, generalised), strict=True):
        y = np.asarray(risk, dtype=np.float64)
        at, wrong = thin(Curve(name=name, x=x[order], y=y[order]), MAX_POINTS)
        rows += [
            {"part": "curve", "name": name, "x": a, "y": b}
            for a, b in zip(at.tolist(), wrong.tolist(), strict=True)
        ]
    share, error = (None, None) if now is None else (number(now[0]), number(now[1]))
    if share is not None and error is not None:
        told = tr("now: {share} decided alone, {error} wrong", share=percent(share), error=percent(error))
        texts = {"x_text": percent(share), "y_text": percent(error), "label": told, "description": told}
        rows.append({"part": "now", "x": share, "y": error} | texts)
    return Chart(_template(), pd.DataFrame(rows, columns=None if rows else ["part"]), tr(ALT))
