"""``GroupCounts``: the one statistic from which every threshold, band and curve is arithmetic.

Rows are counted once into group x label x score cell. Everything after that is a slice or a sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES, LAST_CELL, N_CELLS, N_EDGES, NO_SCORE, cell_of, score_cells
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.figures import RowFigures, ScoreSums
from rai_dash.core.once import Once
from rai_dash.core.rows import CountedRows
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Number = TypeVar("Number", np.int64, np.float64)

N_LABELS = 3
EVERYONE = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupCounts:
    """Counts of rows by group, label and score cell; additive over files.

    Parameters
    ----------
    column : str
        Name of the sensitive column, or ``"A × B"`` for a cross; ``""`` for everyone.
    groups : tuple of str
        Names, in display order; fixed colours follow this order.
    counts : int64 (groups, 3, 1002)
        Rows by group, label {unfavourable, favourable, unknown} and cell; cell 1001 = no score.
    weighted : float64 (groups, 3, 1002) or None
        Sums of weights; None = every weight is 1.
    weighted_sq : float64 (groups, 3, 1002) or None
        Sums of squared weights, for Kish's effective size.
    rows : CountedRows or None
        For exact cuts between edges, while rows are in memory.
    score_sums : Once of ScoreSums, or None
        Mean score and Brier score from rows; add up over files. None = to be taken from cells.
    figures : Once of RowFigures, or None
        AUC and calibration from rows, or from finer cells; do not add up. None = to be taken from cells.
    rows_of_cell : callable or None
        Brings the rows of one cell, for exact cuts between edges where the rows are not in memory but can be asked for.
    """

    column: str
    groups: tuple[str, ...]
    counts: IntArray
    weighted: FloatArray | None = None
    weighted_sq: FloatArray | None = None
    rows: CountedRows | None = None
    score_sums: Once[ScoreSums] | None = None
    figures: Once[RowFigures] | None = None
    rows_of_cell: Callable[[int], CountedRows] | None = None

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.groups)

    @property
    def n(self) -> IntArray:
        """Rows a group, int64 (groups,), labelled or not, scored or not, whatever their weight."""
        rows: IntArray = self.counts.sum(axis=(1, 2))
        return rows

    @property
    def is_weighted(self) -> bool:
        """Whether rows carry weights."""
        return self.weighted is not None

    @property
    def sums(self) -> FloatArray:
        """Weighted sums (counts as float64 where there are no weights), (groups, 3, 1002)."""
        return self.counts.astype(np.float64) if self.weighted is None else self.weighted

    @property
    def squares(self) -> FloatArray:
        """Sums of squared weights (counts where there are no weights), (groups, 3, 1002)."""
        return self.counts.astype(np.float64) if self.weighted_sq is None else self.weighted_sq

    def total(self) -> GroupCounts:
        """Add all groups up into one called ``"everyone"``.

        AUC and calibration do not add up: they come from the rows again, or from cells without rows.
        """

        def add(a: FloatArray | None) -> FloatArray | None:
            return None if a is None else a.sum(axis=0, keepdims=True)

        rows = None if self.rows is None else self.rows.in_one_group()
        alone = self.figures if self.n_groups == 1 else None
        sums, bring = self.score_sums, self.rows_of_cell
        return GroupCounts(
            column="",
            groups=(EVERYONE,),
            counts=self.counts.sum(axis=0, keepdims=True),
            weighted=add(self.weighted),
            weighted_sq=add(self.weighted_sq),
            rows=rows,
            score_sums=None if sums is None else Once(lambda: sums().total()),
            figures=alone if rows is None else rows.figures(1),
            rows_of_cell=None if bring is None else lambda cell: bring(cell).in_one_group(),
        )

    def unweighted(self) -> GroupCounts:
        """Return the same rows, each counted once whatever its weight; no means and figures."""
        if self.weighted is None:
            return self
        rows, bring = self.rows, self.rows_of_cell
        return GroupCounts(
            column=self.column,
            groups=self.groups,
            counts=self.counts,
            rows=None if rows is None else replace(rows, weight=None),
            rows_of_cell=None if bring is None else lambda cell: replace(bring(cell), weight=None),
        )

    def group(self, position: int) -> GroupCounts:
        """Return the counts of one group alone, without rows: for curves of that group."""
        part = slice(position, position + 1)
        sums, figures = self.score_sums, self.figures
        return GroupCounts(
            column=self.column,
            groups=self.groups[part],
            counts=self.counts[part],
            weighted=None if self.weighted is None else self.weighted[part],
            weighted_sq=None if self.weighted_sq is None else self.weighted_sq[part],
            score_sums=None if sums is None else Once(lambda: sums().take([position])),
            figures=None if figures is None else Once(lambda: figures().take([position])),
        )

    def between(self, low: float | None, high: float | None) -> tuple[FloatArray, FloatArray]:
        """Sum the rows with ``low <= score < high``, exactly, on or off the grid.

        Parameters
        ----------
        low, high : float or None
            Ends, ``low <= high``; None = open.

        Returns
        -------
        sums, squares : float64 (groups, 3)
            Weights and squared weights of the rows with a finite score in the range, by label.

        Raises
        ------
        InvalidChoice
            An end is not a number, or is off the grid and the rows are no longer in memory.
        """
        first, low_inside = (0, False) if low is None else _first_whole_cell(low)
        stop, high_inside = (NO_SCORE, False) if high is None else _stop_of_whole_cells(high)
        sums, squares = self._whole_cells(first, max(first, stop))
        if low_inside or high_inside:
            # With both ends inside one cell, first - 1 == stop and it is looked at once.
            cells = {cell for cell, is_split in ((first - 1, low_inside), (stop, high_inside)) if is_split}
            self._add_split_cells(sorted(cells), (low, high), sums, squares)
        return sums, squares

    def at_or_above(self, cut: float | None) -> tuple[FloatArray, FloatArray]:
        """Sum the rows with ``score >= cut``; see `between`. None = no cut, nothing is at or above."""
        if cut is None:
            zeros = np.zeros((self.n_groups, N_LABELS))
            return zeros, zeros.copy()
        return self.between(cut, None)

    def below(self, cut: float | None) -> tuple[FloatArray, FloatArray]:
        """Sum the rows with ``score < cut``; see `between`. None = no cut, nothing is below."""
        if cut is None:
            return self.at_or_above(None)
        return self.between(None, cut)

    def without_score(self) -> tuple[FloatArray, FloatArray]:
        """Sum the rows that have no finite score, float64 (groups, 3) twice; see `between`."""
        return self._whole_cells(NO_SCORE, N_CELLS)

    def _whole_cells(self, first: int, stop: int) -> tuple[FloatArray, FloatArray]:
        """Sum a run of cells."""
        if self.weighted is None or self.weighted_sq is None:
            sums = self.counts[:, :, first:stop].sum(axis=2).astype(np.float64)
            return sums, sums.copy()
        return self.weighted[:, :, first:stop].sum(axis=2), self.weighted_sq[:, :, first:stop].sum(axis=2)

    def _rows_with(self, cell: int) -> CountedRows:
        """Return rows among which are all of a cell."""
        if self.rows is not None:
            return self.rows
        if self.rows_of_cell is None:
            msg = tr("The rows behind these counts are no longer in memory. Open the file again.")
            raise InvalidChoice(msg)
        return self.rows_of_cell(cell)

    def _add_split_cells(
        self,
        cells: list[int],
        ends: tuple[float | None, float | None],
        sums: FloatArray,
        squares: FloatArray,
    ) -> None:
        """Add the rows of some cells that lie between the ends."""
        low, high = ends
        if self.rows is None and self.rows_of_cell is None:
            msg = tr(
                "A cut of {low} or {high} lies between two multiples of 0.001, and the rows are no "
                "longer in memory. Choose a multiple of 0.001.",
                low=low,
                high=high,
            )
            raise InvalidChoice(msg)
        for cell in cells:
            rows = self._rows_with(cell)
            at = np.flatnonzero(rows.cell == cell)
            score = rows.score[at]
            inside = np.full(at.size, fill_value=True)
            if low is not None:
                inside &= score >= low
            if high is not None:
                inside &= score < high
            at = at[inside]
            weight = np.ones(at.size) if rows.weight is None else rows.weight[at]
            where = (rows.group[at], rows.label[at])
            np.add.at(sums, where, weight)
            np.add.at(squares, where, weight**2)


def _first_whole_cell(low: float) -> tuple[int, bool]:
    """Return the first cell wholly at or above a cut, and whether the one before is split by it."""
    cell = cell_of(_checked(low))
    is_split = bool(EDGES[cell] != low)
    return cell + is_split, is_split


def _stop_of_whole_cells(high: float) -> tuple[int, bool]:
    """Return the first cell not wholly below a cut, and whether it is split by it."""
    cell = cell_of(_checked(high))
    return cell, bool(EDGES[cell] != high)


def _checked(cut: float) -> float:
    """Refuse a cut that is not a number from 0 to 1."""
    if not 0.0 <= cut <= 1.0:
        msg = tr("A cut of {cut} is not on the scale of scores. Give a number from 0 to 1.", cut=cut)
        raise InvalidChoice(msg)
    return cut


def add_counts(a: GroupCounts, b: GroupCounts) -> GroupCounts:
    """Add two counts of the same column, for example of two files.

    Groups are united by name, in order of first appearance. Rows and the figures that do not add up
    (AUC, calibration) are dropped.
    """
    names = tuple(dict.fromkeys(a.groups + b.groups))

    def spread(part: GroupCounts, values: NDArray[Number]) -> NDArray[Number]:
        out = np.zeros((len(names), *values.shape[1:]), dtype=values.dtype)
        out[[names.index(g) for g in part.groups]] = values
        return out

    weighted = weighted_sq = None
    if a.is_weighted or b.is_weighted:
        weighted = spread(a, a.sums) + spread(b, b.sums)
        weighted_sq = spread(a, a.squares) + spread(b, b.squares)
    first, second = a.score_sums, b.score_sums
    sums: Once[ScoreSums] | None = None
    if first is not None and second is not None:
        sums = Once(lambda: ScoreSums(spread(a, first().values) + spread(b, second().values)))
    return GroupCounts(
        column=a.column,
        groups=names,
        counts=spread(a, a.counts) + spread(b, b.counts),
        weighted=weighted,
        weighted_sq=weighted_sq,
        score_sums=sums,
    )


__all__ = [
    "EDGES",
    "EVERYONE",
    "FAVOURABLE",
    "LAST_CELL",
    "NO_SCORE",
    "N_CELLS",
    "N_EDGES",
    "N_LABELS",
    "UNFAVOURABLE",
    "CountedRows",
    "GroupCounts",
    "RowFigures",
    "ScoreSums",
    "add_counts",
    "score_cells",
]
