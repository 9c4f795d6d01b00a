"""The charts of the Data page."""

from __future__ import annotations

from rai_dash.charts._base import Chart
from rai_dash.charts.column_distribution import category_bars, number_histogram
from rai_dash.charts.imbalance_cells import imbalance_cells
from rai_dash.charts.rate_heatmap import rate_heatmap
from rai_dash.data.imbalance import ImbalanceTable
from rai_dash.data.profile import ColumnProfile
from rai_dash.ui import data_words, widgets
from rai_dash.ui.text import count

MOST_CELLS = 40
MOST_CATEGORIES = 20


def imbalance_charts(table: ImbalanceTable) -> list[Chart]:
    """Draw a cross of two columns as a heat map, anything else as a list of cells."""
    if len(table.columns) == 2 and len(table.cells) > 2:
        return [data_words.heatmap(table, rate_heatmap)]
    shown = sorted(table.cells, key=lambda c: -c.n)[:MOST_CELLS]
    kept = [c for c in table.cells if c in shown]
    if len(kept) < len(table.cells):
        widgets.note(f"The {count(len(kept))} largest of {count(len(table.cells))} cells are drawn.")
    return [
        imbalance_cells(
            [" × ".join(c.labels) for c in kept],
            [c.rate.value for c in kept],
            low=[c.rate.low for c in kept],
            high=[c.rate.high for c in kept],
            n=[c.n for c in kept],
            small=[c.n < data_words.FEW for c in kept],
        )
    ]


def distribution(one: ColumnProfile) -> Chart | None:
    """Draw what a column holds; None where there is nothing to draw."""
    if one.histogram is not None:
        return number_histogram(one.histogram.edges, one.histogram.counts)
    if not one.top or one.kind == "id":
        return None
    top = list(one.top[:MOST_CATEGORIES])
    rest = one.n - one.missing - sum(n for _, n in top)
    if rest:
        top.append((f"all other values ({count(one.distinct - len(top))})", rest))
    return category_bars([label for label, _ in top], [n for _, n in top])
