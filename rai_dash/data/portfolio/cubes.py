"""All rows of a portfolio counted for the review band: as `rai_dash.data.review_counting` counts rows in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES, NO_SCORE, cell_of
from rai_dash.core.counts import EVERYONE, N_LABELS, GroupCounts
from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.core.review_cube import (
    APPROVED_BY_HUMAN,
    N_DECISIONS,
    NO_DECISION,
    REFUSED_BY_HUMAN,
    ReviewCube,
    check_edges,
)
from rai_dash.core.texts import tr
from rai_dash.core.types import UNKNOWN
from rai_dash.data.groups import display_order
from rai_dash.data.labels import SHOWN_VALUES, label_codes, label_text
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.levels import MOST_VALUES, Cross, require_column
from rai_dash.data.portfolio.questions import Factor, Key, ScoreBin, Tally, Value, Within
from rai_dash.data.portfolio.whole import Whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_ROWS, _WEIGHT, _SQUARE, _AMOUNT = range(4)
_PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class Decisions:
    """A column with what people decided, and its labels that mean approved; every other one means refused."""

    column: str
    approve: tuple[str, ...]


def review_cube_of(
    whole: Whole,
    columns: Sequence[str] = (),
    *,
    amount: str | None = None,
    decision: Decisions | None = None,
    edges: FloatArray = EDGES,
) -> ReviewCube:
    """Count the judged rows of a portfolio for the review band, exactly for every cut among the edges.

    Parameters
    ----------
    whole : Whole
        The rows, with their score.
    columns : sequence of str
        One column, or several to be crossed; none = everyone.
    amount : str or None
        Column with the money at stake; a blank counts 0.
    decision : Decisions or None
        What people decided.
    edges : float64 (k,)
        As of `rai_dash.data.review_counting.review_cube`.

    Raises
    ------
    MissingColumn, InvalidRoles
        When a column is not there, or amounts are no numbers or negative.
    InvalidChoice
        When the edges do not ascend, none of the labels for approved occurs, or there are too many combinations.
    """
    edges = np.asarray(edges, np.float64)
    check_edges(edges)
    if amount is not None:
        whole.memo.get(("amount", amount), lambda: _check_amount(whole, amount))
    if decision is not None:
        check_decisions(whole, decision)
    counting = _Counting(whole, whole.cross(columns) if columns else None, amount, decision)
    key = ("review cube", tuple(columns), amount, decision)
    cells, missing = whole.memo.get(key, counting.cells)
    inside = edges[~np.isin(edges, EDGES)]
    fine = counting.split(cells, inside) if inside.size else cells
    index, is_weighted = counting.index, whole.roles.weight is not None
    cube = ReviewCube(
        column="" if index is None else index.column,
        groups=(EVERYONE,) if index is None else index.groups,
        edges=np.union1d(EDGES, edges),
        rows=fine[_ROWS].astype(np.int64),
        weight=fine[_WEIGHT] if is_weighted else None,
        weight_sq=fine[_SQUARE] if is_weighted else None,
        amount=None if amount is None else fine[_AMOUNT],
        amount_missing=missing,
    )
    return cube if np.array_equal(cube.edges, edges) else cube.on(edges)


def amount_counts(cube: ReviewCube) -> GroupCounts:
    """Return the money of a cube on the grid of thousandths as weights, for costs at any threshold.

    Raises
    ------
    InvalidChoice
        When the cube has no amounts, or other edges.
    """
    if cube.amount is None or not np.array_equal(cube.edges, EDGES):
        msg = tr("Costs by amount need a cube with amounts on the grid of thousandths.")
        raise InvalidChoice(msg)
    # No score lies below the first edge, which is 0.
    rows, money = (part[:, :, :, 1:].sum(axis=2) for part in (cube.rows, cube.amount))
    return GroupCounts(
        column=cube.column, groups=cube.groups, counts=rows, weighted=money, weighted_sq=np.zeros(money.shape)
    )


@dataclass(frozen=True, slots=True)
class _Counting:
    """One way of counting."""

    whole: Whole
    index: Cross | None
    amount: str | None
    decision: Decisions | None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Groups, labels, decisions."""
        return (1 if self.index is None else len(self.index.groups)), N_LABELS, N_DECISIONS

    def cells(self) -> tuple[FloatArray, IntArray]:
        """Count on the grid: float64 (4, groups, 3, 3, 1003), and labelled rows without an amount (groups,)."""
        answer = self.ask(self.whole.cell_key())
        group, label, cell = self.whole.places(answer, self.index)
        # Cell 0 of a cube lies below all edges.
        found = self.added(answer, (group, label, cell + 1), EDGES.size + 2)
        missing = np.zeros(self.shape[0], np.int64)
        if self.amount is not None:
            at = len(self.sums) - 1
            labelled = label != UNKNOWN
            np.add.at(missing, group[labelled], (answer.n - answer.used(at))[labelled])
        return found, missing

    @property
    def sums(self) -> tuple[tuple[Factor, ...], ...]:
        """Weights, their squares, weight times amount, and amount: the rows of the last have one."""
        weights = self.whole.weight_sums()
        if self.amount is None:
            return weights
        money = (Factor(column=self.amount, blank=0.0), *(weights[0] if weights else ()))
        return (*weights, money, (Factor(column=self.amount),))

    def ask(self, cell: tuple[Key, ...], where: tuple[Within, ...] = ()) -> Answer:
        """Ask for every combination of group, cell, outcome and decision."""
        more = () if self.decision is None else (Value(column=self.decision.column),)
        return self.whole.ask(self.index, cell, self.sums, more=more, where=where)

    def added(self, answer: Answer, at: tuple[NDArray[np.integer], ...], cells: int) -> FloatArray:
        """Add rows, weights, squares and amounts up at their places."""
        group, label, cell = at
        flat = np.ravel_multi_index((group, label, self.decisions(answer), cell), (*self.shape, cells))
        weights = len(self.whole.weight_sums())
        parts: dict[int, NDArray[np.number]] = {_ROWS: answer.n}
        if weights:
            parts |= {_WEIGHT: answer.sums(0), _SQUARE: answer.sums(1)}
        if self.amount is not None:
            parts |= {_AMOUNT: answer.sums(weights)}
        size = int(np.prod(self.shape)) * cells
        out = np.zeros((_PARTS, *self.shape, cells))
        for i, values in parts.items():
            out[i] = np.bincount(flat, weights=values, minlength=size).reshape((*self.shape, cells))
        return out

    def decisions(self, answer: Answer) -> NDArray[np.int64]:
        """Return what people decided, by combination."""
        if self.decision is None:
            return np.full(answer.table.num_rows, NO_DECISION, np.int64)
        codes, names = label_codes(answer.values()[self.decision.column])
        good = {label_text(v) for v in self.decision.approve}
        kinds = [APPROVED_BY_HUMAN if name in good else REFUSED_BY_HUMAN for name in names]
        return np.array([*kinds, NO_DECISION], np.int64)[codes]

    def split(self, cells: FloatArray, cuts: FloatArray) -> FloatArray:
        """Count the cells with cuts inside again, in their parts; every other cell stays as it is."""
        score = self.whole.score
        pieces, start = [], 0
        for cell in np.unique([cell_of(float(cut)) for cut in cuts]).tolist():
            mine = cuts[(cuts > EDGES[cell]) & (cuts < EDGES[cell + 1])]
            pieces += [cells[..., start : cell + 1]]
            pieces += [
                np.zeros((*cells.shape[:-1], mine.size + 1)) if score is None else self.parts(cell, mine)
            ]
            start = cell + 2
        return np.concatenate([*pieces, cells[..., start:]], axis=-1)

    def parts(self, cell: int, cuts: FloatArray) -> FloatArray:
        """Count one cell between the cuts in it."""
        score = self.whole.score
        assert score is not None  # noqa: S101 - asked by the caller
        inside = Within(
            column=score.column, scale=score.scale, low=float(EDGES[cell]), high=float(EDGES[cell + 1])
        )
        key = ScoreBin(column=score.column, scale=score.scale, edges=tuple(cuts.tolist()))
        answer = self.ask((key,), (inside,))
        group, label, part = self.whole.places(answer, self.index)
        kept = part != NO_SCORE
        return self.added(answer.only(kept), (group[kept], label[kept], part[kept]), cuts.size + 1)


def _check_amount(whole: Whole, column: str) -> bool:
    if not require_column(whole.portfolio, column).is_number:
        msg = tr(
            "The amount column `{column}` does not hold numbers, so errors have no price in it. Choose "
            "another amount column, or fixed costs.",
            column=column,
        )
        raise InvalidRoles(msg)
    n = int(whole.portfolio.tally(Tally(where=(Within(column=column, high=0.0),))).n.sum())
    if n:
        msg = tr(
            "{n} amounts in `{column}` are negative. Choose another amount column, or none.",
            n=f"{n:,}",
            column=column,
        )
        raise InvalidRoles(msg)
    return True


def check_decisions(whole: Whole, decision: Decisions) -> None:
    """Refuse labels for approved of which none occurs.

    Raises
    ------
    InvalidChoice
        Naming the labels that do.
    """
    require_column(whole.portfolio, decision.column)
    key = Value(column=decision.column)
    answer = whole.portfolio.tally(Tally(keys=(key,), most=MOST_VALUES))
    names = label_codes(answer.values()[decision.column])[1]
    if {label_text(value) for value in decision.approve}.isdisjoint(names):
        shown = ", ".join(f"'{name}'" for name in display_order(names)[:SHOWN_VALUES])
        msg = tr(
            "Which value of `{column}` means that a person approved? Values there: {shown}{which}. Name "
            "one of them.",
            column=decision.column,
            shown=shown,
            which=", …" if len(names) > SHOWN_VALUES else "",
        )
        raise InvalidChoice(msg)
