"""All groups and all metrics on one picture."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.group_heatmap import HeatCell, group_heatmap
from rai_dash.core.texts import mark, tr
from rai_dash.metrics.against import Other, compare
from rai_dash.metrics.table import MetricTable
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.ui import widgets
from rai_dash.ui.groups.look import SHARES, Look, title
from rai_dash.ui.groups.overview import largest, tables

#: As many as the picture holds.
MOST_GROUPS = 40
_SHORT = {"fpr": mark("False pos."), "fnr": mark("False neg."), "for_rate": mark("False om.")}
#: The negative predictive value is the mirror of the false omission rate.
DRAWN = tuple(metric for metric in SHARES if metric != "npv")


def heat(look: Look) -> None:
    """Draw the heat map."""
    table = look.rates(SHARES)
    places = largest(table, MOST_GROUPS)
    columns = [_cells(table, metric, look.tolerance) for metric in DRAWN]
    with st.container(border=True):
        widgets.heading(
            tr("Each group beside all others"),
            tr("Colour: how far the group lies from everybody else, in points"),
        )
        if len(places) < len(table.groups):
            widgets.note(
                tr(
                    "The {places} largest of {groups} groups are drawn; the table has all.",
                    places=len(places),
                    groups=len(table.groups),
                )
            )
        chart = group_heatmap(
            [table.groups[i] for i in places],
            [tr(_SHORT[metric]) if metric in _SHORT else title(metric) for metric in DRAWN],
            [[column[i] for column in columns] for i in places],
        )
        widgets.draw(chart, key="heat")
        widgets.how_to_read(
            tr(
                "Colour says lower or higher than the others, not worse or better. Strong colour is a large "
                "difference, not a proven one: only a star marks what the tests show (max-z and Holm over "
                "the groups of one metric). Looking at many metrics is exploring; agree beforehand which one "
                "counts."
            )
        )
    tables(look)


def _cells(table: MetricTable, metric: str, tolerance: float) -> list[HeatCell]:
    verdict = gap_verdict(table, metric, tolerance=tolerance)
    starred = frozenset() if verdict is None else frozenset(verdict.starred)
    out = []
    for i, against in enumerate(compare(table, metric, Other.REST)):
        estimate = table.estimate(metric, i)
        out.append(
            HeatCell(
                value=estimate.value,
                low=estimate.low,
                high=estimate.high,
                n=int(table.n[i]),
                difference=against.difference,
                small=bool(table.small[i]),
                starred=against.group in starred,
                reason=estimate.reason,
            )
        )
    return out
