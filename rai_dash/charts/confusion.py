"""What the model decides against what happened: four cells with counts and shares."""

from __future__ import annotations

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    ON_CELL,
    Chart,
    Spec,
    cached_template,
    named_x,
    named_y,
    outlined,
    part,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, count, percent
from rai_dash.core.texts import mark, tr

ALT = mark(
    "Four cells: outcome favourable or unfavourable against approved or declined, each with its number "
    "of rows and its share of the rows with that outcome. The stronger the colour, the larger the share. "
    "The table below has the numbers."
)
DECISIONS = (mark("approved"), mark("declined"))
OUTCOMES = (mark("favourable"), mark("unfavourable"))
_WORDS = (
    (mark("rightly approved"), mark("wrongly declined")),
    (mark("wrongly approved"), mark("rightly declined")),
)


@cached_template(1)
def _template() -> Spec:
    place = {
        "x": named_x("decision", list(map(tr, DECISIONS))),
        "y": named_y("outcome", list(map(tr, OUTCOMES))),
    }
    facts = tooltips(
        outcome=tr("Outcome"),
        decision=tr("Decision"),
        n_text=tr("Rows"),
        share_text=tr("Share of this outcome"),
    )
    tell = {"tooltip": facts, "description": alt.Description("description:N")}
    color = alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
    layers = [part("cell").mark_rect(cornerRadius=3).encode(**place, **tell, color=color)]
    layers.append(part("none").mark_rect(cornerRadius=3, aria=False, **outlined()).encode(**place, **tell))
    for name, paint in (("cell", alt.ExprRef(expr=ON_CELL)), ("none", theme.shade("muted"))):
        for field, dy, style in (
            ("n_text", -18, {"fontSize": 18, "fontWeight": 600}),
            ("label", 2, {}),
            ("word", 20, {"fontSize": 11, "limit": alt.ExprRef(expr="bandwidth('x') - 4")}),
        ):
            text = part(name).mark_text(dy=dy, aria=False, color=paint, **style)
            layers.append(text.encode(**place, text=f"{field}:N", tooltip=facts))
    return template(layers, height=220)


def confusion(*, tp: float, fn: float, fp: float, tn: float) -> Chart:
    """Draw a confusion matrix.

    Parameters
    ----------
    tp, fn : float
        Rows (or sums of weights) with a favourable outcome that are approved, declined.
    fp, tn : float
        Rows with an unfavourable outcome that are approved, declined.
    """
    rows = []
    for i, counts in enumerate(((tp, fn), (fp, tn))):
        total = sum(counts)
        for j, n in enumerate(counts):
            share = n / total if total > 0 else None
            shown = percent(share)
            rows.append(
                {
                    "part": "none" if share is None else "cell",
                    "decision": tr(DECISIONS[j]),
                    "outcome": tr(OUTCOMES[i]),
                    "shade": share,
                    "n_text": count(n),
                    "label": shown if share is not None else tr("{dash} no such outcome", dash=DASH),
                    "word": tr(_WORDS[i][j]),
                    "share_text": shown,
                    "description": tr(
                        "{word}: {n} rows, {shown} of this outcome",
                        word=tr(_WORDS[i][j]),
                        n=count(n),
                        shown=shown,
                    ),
                }
            )
    return Chart(_template(), pd.DataFrame(rows), tr(ALT))
