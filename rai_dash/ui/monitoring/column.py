"""One watched column then and now: its cells at signing and in the batch, which need counts and no rows."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.texts import mark, tr
from rai_dash.data.labels import short_number
from rai_dash.govern._policy_monitoring import WatchedColumn
from rai_dash.govern.monitor.counts import BatchCounts, ColumnCounts
from rai_dash.govern.policy import Policy
from rai_dash.stats.drift import edge_names
from rai_dash.ui import controls, shift, widgets
from rai_dash.ui.monitoring.frames import cells_frame

IntArray = NDArray[np.int64]
BLANK = "(missing)"
_NEW = mark("not signed: {name}")
_OTHER = mark("rare ones, not listed")


def section(policy: Policy, counts: BatchCounts, hidden: Collection[str]) -> None:
    """Let the user pick a column, and draw its cells then and now.

    Parameters
    ----------
    policy : Policy
        With its monitoring.
    counts : BatchCounts
        Of the batch.
    hidden : collection of str
        Columns that whoever looks may not see.
    """
    if policy.monitoring is None:
        return
    watched = {
        c.name: c for c in policy.monitoring.columns if c.name in counts.columns and c.name not in hidden
    }
    if not watched:
        return
    name = controls.pick(tr("One column, then and now"), "column", list(watched))
    names, then, now = cells(watched[name], counts.columns[name])
    widgets.draw(shift.drawn_cells(watched[name].kind, names, then, now), key="monitor_cells")
    widgets.how_to_read(
        tr(
            "Each pair of bars is the share of rows in a range or with a value: above at signing, below in "
            "this batch. Ranges are tenths of the signed rows."
        )
    )
    widgets.numbers(
        lambda: cells_frame(names, then, now), name="monitor_cells", key="monitor_cells", label=tr("Its cells"),
        people=tr("rows now"),
    )  # fmt: skip


def cells(watched: WatchedColumn, found: ColumnCounts) -> tuple[tuple[str, ...], IntArray, IntArray]:
    """Return the cells of a column with their rows then and now, blanks last.

    Parameters
    ----------
    watched : WatchedColumn
        As it was signed.
    found : ColumnCounts
        In the batch.

    Returns
    -------
    tuple of str, int64 (k,), int64 (k,)
        Names, rows then, rows now. Categories that were not signed have a cell each.
    """
    if watched.kind == "number":
        names: tuple[str, ...] = edge_names(np.asarray(watched.edges), short_number)
        then, now = np.array(watched.counts, np.int64), found.cells
    else:
        new = sorted(found.new.items(), key=lambda item: (-item[1], item[0]))
        names = (*watched.categories, *(tr(_NEW, name=name) for name, _ in new))
        then = np.array([*watched.counts, *(0 for _ in new)], np.int64)
        now = np.array([*found.cells.tolist(), *(rows for _, rows in new)], np.int64)
        if watched.other:
            names, then, now = (*names, tr(_OTHER)), np.append(then, watched.other), np.append(now, 0)
    if watched.blank or found.blank:
        return (*names, BLANK), np.append(then, watched.blank), np.append(now, found.blank)
    return names, then, now
