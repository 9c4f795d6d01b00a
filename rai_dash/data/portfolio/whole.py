"""All rows of a portfolio, seen through a score: counted by group, label and cell where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES, LAST_CELL, N_CELLS, NO_SCORE
from rai_dash.core.counts import EVERYONE, N_LABELS, CountedRows, GroupCounts
from rai_dash.core.errors import InvalidRoles
from rai_dash.core.figures import ScoreSums
from rai_dash.core.memo import Memo
from rai_dash.core.once import Once
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN, Roles
from rai_dash.data.labels import label_codes, labels
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.levels import Cross, Levels, cross_of, levels_of
from rai_dash.data.portfolio.outcomes import outcomes_of
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Factor, Key, Scale, Score, ScoreBin, Tally, Value, Within
from rai_dash.data.portfolio.row_rule import RowRule
from rai_dash.data.portfolio.step_figures import figures_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ScoreColumn:
    """Where the score of each row stands, and how it reads."""

    column: str
    scale: Scale = field(default_factory=Scale)


@dataclass(frozen=True, kw_only=True, eq=False)
class Whole:
    """A portfolio with its roles and, where there is one, its score.

    Parameters
    ----------
    portfolio : Portfolio
        The rows.
    roles : Roles
        Target, favourable value, split, weight. Rows that a model was trained on are left out, as in memory.
    score : ScoreColumn or None
        None = no row has a score.
    held : RowRule or None
        Rows that count as rows without a score, whatever their score.
    """

    portfolio: Portfolio
    roles: Roles
    score: ScoreColumn | None = None
    held: RowRule | None = None
    memo: Memo = field(default_factory=Memo, repr=False)

    def levels(self, column: str) -> Levels:
        """Return the groups of a column, with the edges that the roles state."""
        key = ("levels", column)
        return self.memo.get(key, lambda: levels_of(self.portfolio, column, self.roles.bins.get(column)))

    def cross(self, columns: Sequence[str]) -> Cross:
        """Return the groups of one column, or of a cross of several."""
        return cross_of([self.levels(c) for c in columns])

    @property
    def n_judged(self) -> int:
        """Rows that figures are reported on."""
        return int(self.counts().n.sum())

    def counts(self, columns: Sequence[str] = ()) -> GroupCounts:
        """Count the judged rows by the groups of ``columns``; no column = everyone. Counted once."""
        return self.memo.get(("counts", tuple(columns)), lambda: self._count(tuple(columns)))

    def _count(self, columns: tuple[str, ...]) -> GroupCounts:
        index = self.cross(columns) if columns else None
        answer = self.ask(index, self.cell_key(), self.weight_sums())
        groups = (EVERYONE,) if index is None else index.groups
        where = self.places(answer, index)
        shape = (len(groups), N_LABELS, N_CELLS)
        is_weighted = self.roles.weight is not None
        return GroupCounts(
            column="" if index is None else index.column,
            groups=groups,
            counts=_added(shape, where, answer.n).astype(np.int64),
            weighted=_added(shape, where, answer.sums(0)) if is_weighted else None,
            weighted_sq=_added(shape, where, answer.sums(1)) if is_weighted else None,
            score_sums=Once(lambda: self._score_sums(index)),
            figures=None if self.score is None else Once(lambda: figures_of(self, index)),
            rows_of_cell=lambda cell: self._rows_of_cell(index, cell),
        )

    def ask(
        self,
        index: Cross | None,
        cell: tuple[Key, ...],
        sums: tuple[tuple[Factor, ...], ...] = (),
        *,
        more: tuple[Key, ...] = (),
        where: tuple[Within, ...] = (),
        ends: tuple[str, ...] = (),
    ) -> Answer:
        """Ask for every combination of group, cell, outcome, split (in this order), further keys, and ``held``."""
        rule = () if self.held is None else self.held.keys
        keys = (*(index.keys if index else ()), *cell, *self._row_keys(), *more, *rule)
        return self._judged(self.portfolio.tally(Tally(keys=keys, sums=sums, where=where, ends=ends)))

    def _row_keys(self) -> tuple[Key, ...]:
        columns = (self.roles.target, self.roles.split)
        return tuple(Value(column=c) for c in columns if c is not None)

    def _judged(self, answer: Answer) -> Answer:
        """Leave out what a model was trained on, unless that is everything."""
        split = self.roles.split
        if split is None:
            return answer
        trained = self._trained(answer, split)
        # Of all rows, and not of those in this answer: a cell may hold rows of training only.
        if self.is_all_trained:
            return answer
        return answer.only(~trained)

    def scored(self, answer: Answer) -> Answer:
        """Leave out what counts as without a score."""
        return answer if self.held is None else answer.only(~self.held.of(answer))

    def _trained(self, answer: Answer, split: str) -> NDArray[np.bool_]:
        """Mark the combinations that a model was trained on, bool (c,)."""
        return labels(answer.values()[split]).isin(list(self.roles.split_train)).to_numpy(dtype=bool)

    @property
    def is_all_trained(self) -> bool:
        """Whether the split marks every row as one that a model was trained on, so that it tells nothing."""
        split = self.roles.split
        if split is None:
            return False
        answer = self.portfolio.tally(Tally(keys=(Value(column=split),)))
        return bool(self._trained(answer, split).all())

    def outcome(self, answer: Answer) -> NDArray[np.int8]:
        """Return the outcome of each combination, int8 (c,)."""
        target = self.roles.target
        if target is None:
            return np.full(answer.table.num_rows, UNKNOWN, np.int8)
        known = self._outcomes
        codes, names = label_codes(answer.values()[target])
        lookup = np.array([known[name] for name in names] + [UNKNOWN], np.int8)
        found: NDArray[np.int8] = lookup[codes]
        return found

    @property
    def _outcomes(self) -> dict[str, int]:
        """Outcome of each label of the target, of all rows: those of one cell may hold no favourable one."""
        return self.memo.get(("outcomes",), lambda: outcomes_of(self.portfolio, self.roles))

    def cell_key(self) -> tuple[Key, ...]:
        """Return what is asked for the cell of a score; empty = there is none."""
        if self.score is None:
            return ()
        self.check_scale()
        return (ScoreBin(column=self.score.column, scale=self.score.scale),)

    def weight_sums(self) -> tuple[tuple[Factor, ...], ...]:
        """Return the sums of weights and of their squares; empty = every weight is 1."""
        weight = self.roles.weight
        if weight is None:
            return ()
        self.check_weight()
        return tuple((Factor(column=weight, power=p, blank=1.0),) for p in (1, 2))

    def places(self, answer: Answer, index: Cross | None) -> tuple[NDArray[np.integer], ...]:
        """Return group, label and cell of each combination of an answer to `ask`."""
        size, at = answer.table.num_rows, len(index.parts) if index else 0
        group = np.zeros(size, np.int32) if index is None else index.codes(answer)
        cell = np.full(size, NO_SCORE, np.int64) if self.score is None else answer.codes(at, NO_SCORE)
        if self.held is not None:
            cell = np.where(self.held.of(answer), NO_SCORE, cell)
        return group, self.outcome(answer), cell

    def check_scale(self) -> None:
        """Refuse a score column that leaves its stated scale, as `rai_dash.data.scores.scores_of_column` does."""
        self.memo.get(("scale",), self._check_scale)

    def _check_scale(self) -> bool:
        if self.score is None:
            return True
        column, scale = self.score.column, self.score.scale
        ends = (scale.low, float(np.nextafter(scale.high, np.inf)))
        found = self.portfolio.tally(Tally(keys=(Bin(column=column, edges=ends),)))
        outside = int(found.n[np.isin(found.codes(0, 1), (0, 2))].sum())
        if outside:
            msg = tr(
                "`{column}` holds {outside} values outside {low} to {high}. State the scale of the "
                "score, or choose another column.",
                column=column,
                outside=f"{outside:,}",
                low=f"{scale.low:g}",
                high=f"{scale.high:g}",
            )
            raise InvalidRoles(msg)
        return True

    def check_weight(self) -> None:
        """Refuse weights below 0."""
        self.memo.get(("weight",), self._check_weight)

    def _check_weight(self) -> bool:
        below = Within(column=str(self.roles.weight), high=0.0)
        n = int(self.portfolio.tally(Tally(where=(below,))).n.sum())
        if n:
            msg = tr(
                "{n} weights in `{weight}` are negative. Choose another weight column, or none.",
                n=f"{n:,}",
                weight=self.roles.weight,
            )
            raise InvalidRoles(msg)
        return True

    def _score_sums(self, index: Cross | None) -> ScoreSums:
        """Sum scores and squared errors by group and label over the rows with a score."""
        groups = len(index.groups) if index else 1
        values = np.zeros((groups, N_LABELS, 4))
        if self.score is None:
            return ScoreSums(values)
        answer = self.scored(self.ask(index, (), self._score_powers()))
        group = np.zeros(answer.table.num_rows, np.int32) if index is None else index.codes(answer)
        label = self.outcome(answer)
        first, second, low2, low4, high2, high4 = (answer.sums(i) for i in range(6))
        known, good = label != UNKNOWN, label == FAVOURABLE
        squares = [np.where(known, np.where(good, h, lo), 0.0) for h, lo in ((high2, low2), (high4, low4))]
        for i, sums in enumerate((first, second, *squares)):
            np.add.at(values[:, :, i], (group, label), sums)
        return ScoreSums(values)

    def _score_powers(self) -> tuple[tuple[Factor, ...], ...]:
        """Ask for sums of s, s², s² and s⁴ (from 0), (s - 1)² and (s - 1)⁴, times the weight."""
        score = self.score
        if score is None:
            return ()
        weight = () if self.roles.weight is None else (Factor(column=self.roles.weight, blank=1.0),)
        powers = ((0.0, 1), (0.0, 2), (0.0, 2), (0.0, 4), (1.0, 2), (1.0, 4))
        return tuple(
            (Factor(column=score.column, scale=score.scale, minus=minus, power=power), *weight)
            for minus, power in powers
        )

    def _rows_of_cell(self, index: Cross | None, cell: int) -> CountedRows:
        """Bring the rows of one cell here, as group, label, score and weight, for a cut inside it."""
        score = self.score
        if score is None or cell == NO_SCORE:
            return _no_rows(cell)
        high = None if cell == LAST_CELL else float(EDGES[cell + 1])
        inside = Within(column=score.column, scale=score.scale, low=float(EDGES[cell]), high=high)
        weight = () if self.roles.weight is None else (Value(column=self.roles.weight),)
        keys = (Score(column=score.column, scale=score.scale),)
        answer = self.scored(self.ask(index, keys, more=weight, where=(inside,)))
        at = len(index.parts) if index else 0
        n = answer.n
        group = np.zeros(n.size, np.int32) if index is None else index.codes(answer)
        found = None
        if self.roles.weight is not None:
            found = pd.to_numeric(answer.values()[self.roles.weight]).fillna(1.0).to_numpy(np.float64)
        return CountedRows(
            score=np.repeat(answer.floats(at), n),
            label=np.repeat(self.outcome(answer), n),
            cell=np.full(int(n.sum()), cell, np.int16),
            group=np.repeat(group.astype(np.int32), n),
            weight=None if found is None else np.repeat(found, n),
        )


def _no_rows(cell: int) -> CountedRows:
    none = np.empty(0)
    return CountedRows(
        score=none, label=none.astype(np.int8), cell=np.full(0, cell, np.int16), group=none.astype(np.int32)
    )


def _added(
    shape: tuple[int, ...], where: tuple[NDArray[np.integer], ...], values: NDArray[np.number]
) -> FloatArray:
    """Add values up at their places; counts below 2^53 stay exact."""
    flat = np.ravel_multi_index(where, shape)
    found = np.bincount(flat, weights=values, minlength=int(np.prod(shape)))
    return found.astype(np.float64, copy=False).reshape(shape)
