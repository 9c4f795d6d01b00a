"""Data: what to look at before any model; who is in the table, who is not, and who was approved."""

from __future__ import annotations

from rai_dash.core.texts import mark, tr
from rai_dash.ui import controls, widgets
from rai_dash.ui.guard import fragment
from rai_dash.ui.imbalance import imbalance_panel
from rai_dash.ui.population import population_panel
from rai_dash.ui.profiling.blank_cells import blank_cells
from rai_dash.ui.profiling.columns import columns
from rai_dash.ui.profiling.look import look_first
from rai_dash.ui.profiling.rows import rows
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "Data",
    "step": "Prepare",
    "order": 1,
    "icon": ":material/table_chart:",
    "question": "Who is in these data, who is missing, and who was approved?",
    "needs": ("data",),
    "words": ("score", "favourable", "target", "stand_in", "in_sample", "held_out", "interval", "wilson", "by_chance",
              "base_rate", "accuracy", "imbalance", "leakage", "outlier", "drift", "correlation", "gap", "disparity",
              "tolerance", "small_group", "living_test_set", "median", "quantile", "seed", "boosted_trees"),
}  # fmt: skip
LENSES = {
    "look": mark("What to look at first"),
    "imbalance": mark("Imbalance"),
    "columns": mark("Column by column"),
    "rows": mark("Rows"),
    "blanks": mark("Blanks"),
    "population": mark("Who is missing"),
}
DRAW = {
    "look": look_first,
    "imbalance": imbalance_panel,
    "columns": columns,
    "rows": rows,
    "blanks": blank_cells,
    "population": population_panel,
}
#: Views that leave the weights of rows aside; the others say what they do.
COUNTS_ROWS = frozenset({"columns", "rows", "blanks", "population"})


def render(view: View) -> None:
    """Draw the page."""
    if view.judgement.roles.target is None:
        widgets.notice(
            tr("No outcome is named, so there are no approval rates. Name the target on the Start page.")
        )
    panel(view)
    widgets.next_step(
        tr("Next: which columns go together."), "correlations", label=tr("See the correlations")
    )


@fragment
def panel(view: View) -> None:
    """Draw one view of the table."""
    lens = controls.view(tr("View"), "lens", LENSES)
    DRAW[lens](view)
    if lens in COUNTS_ROWS and view.judgement.roles.weight is not None:
        widgets.note(tr("Rows are counted here, whatever their weight; a figure that is weighted says so."))


show(render, __file__)
