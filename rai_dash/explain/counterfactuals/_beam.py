"""Sets of changes as rows of numbers: widening them, choosing among them, asking the model about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain._asking import SILENT, FloatArray, IntArray, Score, Watch, ask
from rai_dash.explain._base import take_mixed
from rai_dash.explain.counterfactuals.candidates import Options

BoolArray = NDArray[np.bool_]
#: Sets of changes kept from round to round, and the most rows of one round.
BEAM, ROUND_ROWS = 60, 24_000


@dataclass(slots=True)
class Asked:
    """The model seen from one applicant: what it said, and the nearest to the other decision so far.

    A *choice* is int64 (levers,): the option taken of each lever, 0 = left alone.

    Parameters
    ----------
    score : callable
        The model.
    options : Options
        What may change.
    threshold : float
        Favourable from here on.
    up : bool
        Whether approval is looked for.
    watch : Watch
        Asked before each call.
    before : float
        Score of the applicant.
    """

    score: Score
    options: Options
    threshold: float
    up: bool
    before: float
    watch: Watch = SILENT
    tried: int = 0
    best: tuple[float, float, tuple[int, ...]] = field(init=False)
    _lever_of: IntArray = field(init=False)

    def __post_init__(self) -> None:
        """Note which lever moves each column."""
        self._lever_of = np.full(self.options.pool.shape[1], -1, dtype=np.int64)
        for j, columns in enumerate(self.options.columns_of):
            self._lever_of[columns] = j
        self.best = (0.0, 0.0, (0,) * len(self.options.columns_of))

    def flips(self, scores: FloatArray) -> BoolArray:
        """Whether each score is the decision looked for."""
        found: BoolArray = scores >= self.threshold
        return found if self.up else ~found

    def gain(self, scores: FloatArray) -> FloatArray:
        """How far each score has moved towards the other decision."""
        moved: FloatArray = scores - self.before
        return moved if self.up else -moved

    def cost(self, choices: IntArray) -> FloatArray:
        """Return what each choice costs, float64 (m,)."""
        total: FloatArray = self.options.cost[choices].sum(axis=1)
        return total

    def scores(self, choices: IntArray) -> FloatArray:
        """Ask about choices (m, levers) in one call."""
        if not len(choices):
            return np.empty(0)
        free = self._lever_of >= 0
        source = np.zeros((len(choices), len(self._lever_of)), dtype=np.int64)
        source[:, free] = choices[:, self._lever_of[free]]
        found = ask(self.score, take_mixed(self.options.pool, source))
        self.tried += len(choices)
        self._remember(choices, found)
        return found

    def _remember(self, choices: IntArray, scores: FloatArray) -> None:
        gain, cost = self.gain(scores), self.cost(choices)
        at = int(np.lexsort((cost, -gain))[0])
        near = (-float(gain[at]), float(cost[at]), tuple(choices[at].tolist()))
        self.best = min(self.best, near)


def holds_any(choices: IntArray, solved: BoolArray) -> BoolArray:
    """Whether each choice changes every lever of one of the solved sets, bool (sets, levers)."""
    if not len(solved):
        return np.zeros(len(choices), dtype=bool)
    shared = (choices > 0).astype(np.int64) @ solved.T.astype(np.int64)
    found: BoolArray = (shared == solved.sum(axis=1)).any(axis=1)
    return found


def lever_sets(choices: IntArray) -> IntArray:
    """Give the sets of levers that choices change numbers, int64 (m,)."""
    packed = np.packbits(choices > 0, axis=1)
    return np.unique(packed, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def pick(choices: IntArray, gain: FloatArray, cost: FloatArray, most: int) -> IntArray:
    """Choose which choices to go on with: half by gain, half by gain for its cost; positions, ascending.

    Of those that change the same levers and reach the same score the cheapest goes first: trees answer in steps, and
    the beam would fill with one step.
    """
    if len(choices) <= most:
        return np.arange(len(choices))
    by_cost = np.argsort(cost, kind="stable")
    same = np.column_stack([lever_sets(choices).astype(np.float64), gain])[by_cost]
    again = np.ones(len(choices), dtype=bool)
    again[by_cost[np.unique(same, axis=0, return_index=True)[1]]] = False
    by_gain = np.lexsort((cost, -gain, again))
    by_worth = np.lexsort((cost, -gain / cost, again))
    # Taken in turns, so that one both lists name leaves its place to the next.
    turns = np.column_stack([by_gain, by_worth]).ravel()
    _, first = np.unique(turns, return_index=True)
    return np.sort(turns[np.sort(first)][:most]).astype(np.int64)


def widened(kept: IntArray, singles: IntArray, lever: IntArray) -> IntArray:
    """Add one more option to each choice, each result once.

    Parameters
    ----------
    kept : int64 (k, levers)
        Choices.
    singles : int64 (m,)
        Options to add, of levers that are not yet moved.
    lever : int64 (1 + options,)
        Lever of each option.

    Returns
    -------
    int64 (at most k * m, levers)
        In a fixed order.
    """
    at, option = np.divmod(np.arange(len(kept) * len(singles)), max(len(singles), 1))
    option = singles[option]
    free = kept[at, lever[option]] == 0
    wide = kept[at[free]]
    wide[np.arange(len(wide)), lever[option[free]]] = option[free]
    if not len(wide):
        return np.empty((0, kept.shape[1]), dtype=np.int64)
    taken = wide[wide > 0].reshape(len(wide), -1)
    first = np.unique(taken, axis=0, return_index=True)[1]
    return np.asarray(wide[first], dtype=np.int64)


def simpler(choice: IntArray, options: Options) -> IntArray:
    """List what is less than a choice: each smaller set of its changes, and each cheaper value of one of them."""
    moved = np.flatnonzero(choice).tolist()
    out = []
    for size in range(1, len(moved)):
        for left in combinations(moved, size):
            smaller = np.zeros_like(choice)
            smaller[list(left)] = choice[list(left)]
            out.append(smaller)
    for j in moved:
        for option in np.flatnonzero((options.lever == j) & (options.cost < options.cost[choice[j]])):
            cheaper = choice.copy()
            cheaper[j] = option
            out.append(cheaper)
    return np.array(out, dtype=np.int64).reshape(-1, len(choice))
