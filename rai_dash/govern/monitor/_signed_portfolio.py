"""The rows that a policy is signed on, asked for what is frozen of them: all rows of a portfolio, where they lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.review_cube import ReviewCube
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import label_codes, labels
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.counted import sorted_numbers, values_of
from rai_dash.data.portfolio.cubes import review_cube_of
from rai_dash.data.portfolio.levels import MOST_VALUES, require_column
from rai_dash.data.portfolio.order import (
    Distinct,
    first_numbers,
    of_ranks,
    order_statistics,
    order_statistics_by,
    quantiles_by_rank,
)
from rai_dash.data.portfolio.questions import Bin, Key, ScoreBin, Tally, Value
from rai_dash.data.portfolio.whole import Whole
from rai_dash.govern.monitor._rows import EVERYONE_COLUMN
from rai_dash.govern.monitor._signed_rows import Spread
from rai_dash.govern.monitor.states import CELLS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ValueAt = Callable[[IntArray], FloatArray]


@dataclass(frozen=True, slots=True)
class _Judged:
    """Divides rows into the judged ones, 0, and those that a model was trained on, 1."""

    whole: Whole
    split: str

    @property
    def key(self) -> Key:
        """What to ask the engine for."""
        return Value(column=self.split)

    def codes(self, answer: Answer, i: int) -> NDArray[np.int32]:
        """Return 0 or 1 for each combination of an answer."""
        del i
        found = labels(answer.values()[self.split]).isin(list(self.whole.roles.split_train))
        return found.to_numpy(dtype=bool).astype(np.int32)


@dataclass(frozen=True, eq=False)
class RowsCounted:
    """All rows of a portfolio that are judged; none of them is here.

    Parameters
    ----------
    dataset : Dataset
        With the sample, which says where to look and is no part of a figure.
    whole : Whole
        The rows, with the score that the model or the column gives, whatever the conditions.
    """

    dataset: Dataset
    whole: Whole

    @property
    def n(self) -> int:
        """Judged rows."""
        return self.whole.n_judged

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""
        return require_column(self.whole.portfolio, column).is_number

    def edges(self, column: str) -> Sequence[float] | None:
        """Return edges; where nobody named any, of all rows."""
        return self.whole.levels(column).edges

    def scored(self, bins: Mapping[str, Sequence[float]], threshold: float) -> dict[str, ReviewCube]:
        """Count by every sensitive column; groups without a judged row only where edges make them."""
        at = np.array([threshold])
        found = {EVERYONE_COLUMN: review_cube_of(self.whole, edges=at)}
        for column in self.whole.roles.sensitive:
            cube = review_cube_of(self.whole, (column,), edges=at)
            there = [g for g, n in zip(cube.groups, cube.n.tolist(), strict=True) if n]
            found[column] = cube if column in bins else cube.only(there)
        return found

    def scores(self) -> GroupCounts:
        """Count everyone by score; calibration is taken from thousandths, as it is of a batch that is added up."""
        return replace(self.whole.counts(), figures=None)

    def score_spread(self) -> Spread:
        """Return the spread of the score, as probability of the favourable outcome."""
        score = self.whole.score
        if score is None:
            return np.empty(0), np.zeros(1, np.int64)
        n = int(self.scores().counts[..., :NO_SCORE].sum())
        raw, scale = self._value_at(score.column, None), score.scale

        def value_at(ranks: IntArray) -> FloatArray:
            # The highest score stands first where a low one is good.
            found = raw((n - 1 - ranks)[::-1])[::-1] if scale.lower_is_better else raw(ranks)
            if (scale.low, scale.high) != (0.0, 1.0):
                found = (found - scale.low) / (scale.high - scale.low)
            return np.round(1.0 - found, 15) if scale.lower_is_better else found

        edges = _tenths(n, value_at)
        key = ScoreBin(column=score.column, scale=scale, edges=tuple(edges.tolist()))
        return edges, self._between(key, edges)

    def spread(self, column: str) -> Spread:
        """Return the spread of a column of numbers."""
        n = int(self._between(Bin(column=column, edges=(0.0,)), np.zeros(1)).sum())
        edges = _tenths(n, self._value_at(column, sorted_numbers(self.dataset.frame[column])))
        return edges, self._between(Bin(column=column, edges=tuple(edges.tolist())), edges)

    def labels(self, column: str) -> dict[str, int]:
        """Count the labels of a column."""
        answer = self.whole.ask(None, (Value(column=column),))
        codes, names = label_codes(answer.values()[column])
        seen = np.zeros(len(names), np.int64)
        np.add.at(seen, codes[codes >= 0], answer.n[codes >= 0])
        return dict(zip(names, seen.tolist(), strict=True))

    def outcomes(self) -> dict[str, int]:
        """Return the outcome of each label of the target."""
        target = self.whole.roles.target
        if target is None:
            return {}
        answer = self.whole.portfolio.tally(Tally(keys=(Value(column=target),), most=MOST_VALUES))
        codes, names = label_codes(answer.values()[target])
        found = self.whole.outcome(answer)
        return {names[code]: int(found[i]) for i, code in enumerate(codes.tolist()) if code >= 0}

    def _between(self, key: Bin | ScoreBin, edges: FloatArray) -> IntArray:
        """Count the judged rows with a value between edges."""
        answer = self.whole.ask(None, (key,))
        cells, found = answer.codes(0, -1), np.zeros(edges.size + 1, np.int64)
        np.add.at(found, cells[cells >= 0], answer.n[cells >= 0])
        return found

    def _value_at(self, column: str, guide: FloatArray | None) -> ValueAt:
        """Return what finds the values at some places of the sorted judged rows."""
        portfolio, split = self.whole.portfolio, self.whole.roles.split
        if split is not None and not self.whole.is_all_trained:
            by, near = (
                _Judged(self.whole, split),
                first_numbers(portfolio, column) if guide is None else guide,
            )
            return lambda ranks: order_statistics_by(portfolio, column, {0: ranks}, by, near)[0]
        few = values_of(portfolio, self.dataset.frame[column]) if column in self.dataset.columns else None
        if isinstance(few, Distinct):
            return lambda ranks: of_ranks(few, ranks)
        return lambda ranks: order_statistics(portfolio, column, ranks, guide)


def _tenths(n: int, value_at: ValueAt) -> FloatArray:
    """Return the edges of `rai_dash.govern.monitor.states.psi_edges` from the values at places of the sorted rows."""
    if not n:
        return np.empty(0)
    return np.unique(quantiles_by_rank(n, (np.arange(1, CELLS) / CELLS).tolist(), value_at))
