"""Which pairs of columns act together rather than one beside the other."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from rai_dash.charts.importance_bars import importance_bars
from rai_dash.core.texts import tr
from rai_dash.explain._asking import Watch
from rai_dash.explain.drivers.interaction import PAIR_ROWS, Interactions
from rai_dash.report.correlated import Blocks
from rai_dash.report.drivers_work import PAIRED_COLUMNS, pairs_of, together
from rai_dash.ui import widgets
from rai_dash.ui.drivers import asked
from rai_dash.ui.drivers.look import Look
from rai_dash.ui.frames import optional
from rai_dash.ui.text import count, percent, plain, points, safe

_MOST_BARS = 12
_LITTLE = 0.005


def interactions(look: Look, linked: Blocks) -> None:
    """Offer to ask the model about pairs, and draw their strength.

    Parameters
    ----------
    look : Look
        Contributions of single columns, for the order.
    linked : tuple of tuple of str
        Blocks that count as one: no pair within them.
    """
    pairs = pairs_of(look.ranked, linked)
    if not pairs:
        widgets.notice(tr("At least two columns are needed for a pair."))
        return
    found = _job(look, pairs)
    if found is None:
        return
    _draw(found)


def _job(look: Look, pairs: list[tuple[str, str]]) -> Interactions | None:
    judgement = look.judgement
    columns = min(PAIRED_COLUMNS, len(look.ranked))

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Interactions:
        return together(judgement, look.ranked, pairs, Watch(progress, cancelled))

    found: Interactions | None = asked.by_button(
        look.view, "interactions", {"pairs": [list(pair) for pair in pairs]}, work,
        label=tr("Ask about {pairs} pairs", pairs=count(len(pairs))), key="interactions",
        idle=(
            tr("The {columns} columns that move the scores most, pair by pair, on {pair_rows} drawn rows: "
"up to 10,000 answers a pair. It can be cancelled.", columns=count(columns), pair_rows=count(PAIR_ROWS))
        ),
    )  # fmt: skip
    return found


def _draw(found: Interactions) -> None:
    order = [int(i) for i in found.order]
    widgets.finding(_finding(found, order))
    shown = order[:_MOST_BARS]
    none = [None] * len(shown)
    with st.container(border=True):
        widgets.heading(
            tr("How strongly pairs act together"),
            tr(
                "Part of the score that only the pair explains (root mean square), on {rows} of {of} rows",
                rows=count(found.rows),
                of=count(found.of),
            ),
        )
        names = [" × ".join(found.pairs[i]) for i in shown]
        size = optional(found.size[shown])
        chart = importance_bars(names, size, low=none, high=none, unit="probability")
        widgets.draw(chart, key="interactions")
        widgets.how_to_read(
            tr(
                "0: the two columns act one beside the other. The longer the bar, the more the effect of one "
                "hangs on the value of the other, in percentage points of the score. A figure of drawn rows "
                "without an interval: read the order, not the decimals. Columns that go together are asked "
                "about as mixes that may not exist."
            )
        )
    widgets.numbers(lambda: interaction_frame(found), name="interactions", key="interactions")


def _finding(found: Interactions, order: list[int]) -> str:
    strong, i = [k for k in order if found.size[k] >= _LITTLE], order[0]
    a, b = found.pairs[i]
    if not strong:
        return tr(
            "No pair of these columns acts together by half a point of the score or more; most do "
            "**{a}** and **{b}** ({size}).",
            a=safe(a),
            b=safe(b),
            size=points(float(found.size[i])),
        )
    text = tr(
        "**{a}** and **{b}** act together most: {size} of the score on average, {found} of what the two "
        "do jointly (Friedman's H²).",
        a=safe(a),
        b=safe(b),
        size=points(float(found.size[i])),
        found=percent(float(found.value[i])),
    )
    return tr(
        "{text} {strong} of {order} pairs reach half a point.",
        text=text,
        strong=count(len(strong)),
        order=count(len(order)),
    )


def interaction_frame(found: Interactions) -> pd.DataFrame:
    """Return one row a pair, the strongest first."""
    return pd.DataFrame(
        [
            {
                "column": plain(found.pairs[i][0]),
                "with": plain(found.pairs[i][1]),
                "size in score": found.size[i],
                "Friedman's H²": found.value[i],
                "rows": found.rows,
            }
            for i in found.order
        ]
    )
