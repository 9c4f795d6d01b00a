"""The counts of a cross, seen as the counts of its groups in each level of its first column."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.once import Once
from rai_dash.core.rows import CountedRows
from rai_dash.data.groups import GroupIndex

Number = TypeVar("Number", np.int64, np.float64)


def split_levels(
    whole: GroupCounts, control: GroupIndex, groups: GroupIndex
) -> tuple[tuple[str, GroupCounts], ...]:
    """Take the counts of ``cross(control, groups)`` apart.

    Parameters
    ----------
    whole : GroupCounts
        Counted once by `rai_dash.data.groups.cross` of the two.
    control, groups : GroupIndex
        Levels and groups of the same rows.

    Returns
    -------
    tuple of (str, GroupCounts)
        Each level with all groups in their order, as if its rows had been counted alone. Counts are views; the rows
        are copied once, for all levels together.
    """
    n, rows = groups.n_groups, _rows_by_level(whole.rows, control, groups)
    return tuple(
        (level, _level(whole, groups, slice(i * n, (i + 1) * n), rows[i]))
        for i, level in enumerate(control.groups)
    )


def _level(whole: GroupCounts, groups: GroupIndex, part: slice, rows: CountedRows | None) -> GroupCounts:
    sums, bring = whole.score_sums, whole.rows_of_cell
    positions = range(part.start, part.stop)

    def of(values: NDArray[Number] | None) -> NDArray[Number] | None:
        return None if values is None else values[part]

    found = whole.figures
    figures = None if found is None else Once(lambda: found().take(positions))
    return GroupCounts(
        column=groups.column,
        groups=groups.groups,
        counts=whole.counts[part],
        weighted=of(whole.weighted),
        weighted_sq=of(whole.weighted_sq),
        rows=rows,
        score_sums=None if sums is None else Once(lambda: sums().take(positions)),
        figures=figures if rows is None else rows.figures(groups.n_groups),
        rows_of_cell=None if bring is None else lambda cell: _rows_of_level(bring(cell), part),
    )


def _rows_of_level(rows: CountedRows, part: slice) -> CountedRows:
    """Keep the rows of one level, by its groups."""
    at = np.flatnonzero((rows.group >= part.start) & (rows.group < part.stop))
    return replace(
        rows,
        score=rows.score[at],
        label=rows.label[at],
        cell=rows.cell[at],
        group=rows.group[at] - np.int32(part.start),
        weight=None if rows.weight is None else rows.weight[at],
    )


def _rows_by_level(
    rows: CountedRows | None, control: GroupIndex, groups: GroupIndex
) -> list[CountedRows | None]:
    """Sort the rows by level; each level is then a view of them."""
    if rows is None:
        return [None] * control.n_groups
    order = np.argsort(control.codes, kind="stable")
    ends = np.cumsum(control.sizes)
    ordered = replace(
        rows,
        score=rows.score[order],
        label=rows.label[order],
        cell=rows.cell[order],
        group=groups.codes[order],
        weight=None if rows.weight is None else rows.weight[order],
    )
    return [
        replace(
            ordered,
            score=ordered.score[start:end],
            label=ordered.label[start:end],
            cell=ordered.cell[start:end],
            group=ordered.group[start:end],
            weight=None if ordered.weight is None else ordered.weight[start:end],
        )
        for start, end in zip(ends - control.sizes, ends, strict=True)
    ]
