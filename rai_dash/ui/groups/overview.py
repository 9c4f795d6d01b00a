"""Groups one by one: a dot and its interval for each of the chosen metrics, and the tables behind."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.group_dots import group_dots
from rai_dash.core.texts import tr
from rai_dash.metrics.table import MetricTable
from rai_dash.ui import controls, widgets
from rai_dash.ui.frames import against_frame, metric_frame, optional
from rai_dash.ui.group_words import metric_subtitle
from rai_dash.ui.groups.look import SHARES, Look, title, words_of

#: More groups than this are drawn by size only; the rest is in the table.
MOST_GROUPS = 24


def overview(look: Look) -> None:
    """Draw the chosen metrics and offer the tables."""
    shown = controls.several(tr("Draw"), "shown", SHARES, {m: title(m) for m in SHARES})
    metrics = tuple(dict.fromkeys((look.metric, *shown)))
    table, everyone = look.rates(metrics), look.everyone(metrics)
    places = largest(table)
    if len(places) < len(table.groups):
        widgets.note(
            tr(
                "The {places} largest of {groups} groups are drawn; the table has all.",
                places=len(places),
                groups=len(table.groups),
            )
        )
    rows = [st.columns(2, gap="medium") for _ in range((len(metrics) + 1) // 2)]
    for k, metric in enumerate(metrics):
        with rows[k // 2][k % 2], st.container(border=True, height="stretch"):
            widgets.heading(title(metric), metric_subtitle(metric, words_of(look)))
            _dots(table, everyone, metric, places)
    widgets.how_to_read(
        tr(
            "One dot is one group, the bar its 95 % interval (Wilson), the dashed line everyone together. "
            "A share of fewer than 30 people says of how many. Grey rings are groups with fewer than 30 rows: "
            "shown, but not compared. A dash is undefined, never zero."
        )
    )
    tables(look)


def largest(table: MetricTable, most: int = MOST_GROUPS) -> list[int]:
    """Return the positions of the largest groups, in the order of the table; empty ones only where there is room."""
    return sorted(sorted(range(len(table.groups)), key=lambda i: -int(table.n[i]))[:most])


def _dots(table: MetricTable, everyone: MetricTable, metric: str, places: list[int]) -> None:
    values = table.values[metric]
    chart = group_dots(
        [table.groups[i] for i in places],
        optional(values.value[places]),
        low=optional(values.low[places]),
        high=optional(values.high[places]),
        # Of the share, not of the group: a recall rests on the favourable ones alone.
        n=[int(values.denominator[i]) for i in places],
        small=[bool(table.small[i]) for i in places],
        overall=everyone.estimate(metric, 0).value,
        what=title(metric),
        reason=[values.reason[i] for i in places],
    )
    widgets.draw(chart, key=metric, title=title(metric))


def tables(look: Look) -> None:
    """Offer the numbers of all groups, and each group against all others."""
    widgets.numbers(
        lambda: metric_frame(look.rates(SHARES), SHARES), name="groups", key="groups", people="rows"
    )
    widgets.numbers(
        lambda: against_frame(look.rates(SHARES), SHARES),
        name="against_the_rest",
        key="against",
        label=tr("Each group against all others"),
        more=tr(
            "The group less everybody else in this column (Newcombe's interval), and over everybody else "
            "(Katz)."
        ),
        people="rows",
    )
