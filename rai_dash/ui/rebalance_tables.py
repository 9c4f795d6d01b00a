"""The tables behind the comparison of strategies."""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.trials.rebalancing.figures import Line
from rai_dash.trials.rebalancing.results import Compared, Variant
from rai_dash.ui import rebalance_frames as frames
from rai_dash.ui import widgets


def tables(compared: Compared, lines: tuple[Line, ...], variant: Variant) -> None:
    """Offer every figure of the comparison as a table."""
    widgets.numbers(
        lambda: frames.full_frame(lines), name="strategies", key="reb_all", label=tr("All figures")
    )
    if lines[0].gaps:
        widgets.numbers(
            lambda: frames.gap_frame(lines),
            name="strategy_gaps",
            key="reb_gaps",
            label=tr("Gaps between groups"),
        )
    widgets.numbers(
        lambda: frames.group_frame(lines),
        name="strategy_groups", key="reb_groups", label=tr("Rates by group"), people=frames.OF_GROUPS,
    )  # fmt: skip
    widgets.numbers(
        lambda: frames.cells_frame(compared, variant),
        name="training_cells", key="cells", label=tr("Training rows a cell"), people=frames.OF_CELLS,
    )  # fmt: skip
