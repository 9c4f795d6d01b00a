"""AUC and calibration of all rows of a portfolio, from steps so fine that they say what the rows would say.

Each step stands for its rows with their number, their weights and their mean score. A step is at most a 16th of a
halving wide, mostly a 1,000th and less; the AUC says by how much it may be off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.core.figures import BLURRED, RowFigures
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.data.counting import block_figures
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.questions import Factor, ScoreStep
from rai_dash.stats.blocks import Blocks

if TYPE_CHECKING:
    from rai_dash.data.portfolio.levels import Cross
    from rai_dash.data.portfolio.whole import Whole

FloatArray = NDArray[np.float64]
#: Steps in each halving of the distance from 0 or 1. Powers of two: products with them round nothing.
_STEPS: Final = (4096, 2048, 1024, 256, 64, 16)
#: Combinations that are aimed at; scores fill the steps of some four halvings, by label.
_AIM, _FILLED = 700_000, 8


def finest(ask: Callable[[int], Answer], n_groups: int) -> Answer:
    """Ask by as many steps a halving as there may be combinations.

    Raises
    ------
    InvalidChoice
        Code ``too_many_values``, when there are too many groups even for the fewest.
    """
    *finer, fewest = _STEPS
    for steps in finer:
        if n_groups * steps * _FILLED <= _AIM:
            try:
                return ask(steps)
            except InvalidChoice as error:
                if error.code != "too_many_values":
                    raise
    return ask(fewest)


def figures_of(whole: Whole, index: Cross | None) -> RowFigures:
    """Compute AUC and calibration of each group of the judged rows of a portfolio that has scores."""
    score, weight = whole.score, whole.roles.weight
    if score is None:
        msg = tr("There is no score to judge. Name a column of scores.")
        raise InvalidRoles(msg)
    weights = () if weight is None else (Factor(column=weight, blank=1.0),)
    sums = ((Factor(column=score.column, scale=score.scale), *weights), *whole.weight_sums())
    n_groups, at = (len(index.groups), len(index.parts)) if index else (1, 0)

    def ask(steps: int) -> Answer:
        key = ScoreStep(column=score.column, scale=score.scale, steps=steps)
        return whole.scored(whole.ask(index, (key,), sums, ends=(score.column,)))

    whole.check_scale()
    answer = finest(ask, n_groups)
    group = np.zeros(answer.table.num_rows, np.int32) if index is None else index.codes(answer)
    mass = (answer.sums(1), answer.sums(2)) if weights else (answer.n.astype(np.float64),) * 2
    found = (answer.sums(0), *mass)
    return step_figures(
        answer.codes(at, -1), group, whole.outcome(answer), found, answer.ends(0), n_groups=n_groups
    )


def step_figures(
    step: NDArray[np.int64],
    group: NDArray[np.integer],
    label: NDArray[np.int8],
    sums: tuple[FloatArray, FloatArray, FloatArray],
    ends: tuple[FloatArray, FloatArray],
    *,
    n_groups: int,
) -> RowFigures:
    """Compute AUC and calibration of each group; the interval of the AUC allows for what the steps blur.

    A step in which all scores are one blurs nothing. Where the others could move the AUC by more than ``BLURRED``, the
    scores lie too close together for what steps can tell of calibration, which is undefined then.

    Parameters
    ----------
    step : int64 (c,)
        Of the scores of each combination, growing with them; -1 = no score.
    group, label : integer (c,)
        As of `rai_dash.stats.blocks.blocks_of_rows`.
    sums : tuple of float64 (c,)
        Of scores times weights, of weights, and of their squares.
    ends : tuple of float64 (c,)
        Lowest and highest score of each combination, on any scale that grows or falls with it.
    n_groups : int
        Number of groups; a group may be empty.
    """
    blocks, spread = _blocks(step, group, label, sums, ends, n_groups=n_groups)
    favourable, unfavourable = blocks.favourable, blocks.unfavourable
    with np.errstate(invalid="ignore", divide="ignore"):
        pairs = blocks.sum_by_group(favourable) * blocks.sum_by_group(unfavourable)
        bound = blocks.sum_by_group(np.where(spread > 0.0, favourable * unfavourable, 0.0)) / (2.0 * pairs)
    found = block_figures(blocks)
    unknown = {
        f.name: np.where(bound > BLURRED, np.nan, getattr(found, f.name))
        for f in fields(found)
        if f.name.startswith("calibration")
    }
    low, high = np.maximum(found.auc_low - bound, 0.0), np.minimum(found.auc_high + bound, 1.0)
    return replace(found, auc_low=low, auc_high=high, auc_bound=bound, **unknown)


def _blocks(
    step: NDArray[np.int64],
    group: NDArray[np.integer],
    label: NDArray[np.int8],
    sums: tuple[FloatArray, FloatArray, FloatArray],
    ends: tuple[FloatArray, FloatArray],
    *,
    n_groups: int,
) -> tuple[Blocks, FloatArray]:
    """Take the rows of a group in one step for one block, at their mean score; also return how far apart they lie."""
    # A step whose rows all weigh nothing has no mean, and says nothing.
    at = np.flatnonzero((step >= 0) & (label <= FAVOURABLE) & (sums[1] > 0))
    width = int(step.max(initial=0)) + 1
    places, block = np.unique(group[at].astype(np.int64) * width + step[at], return_inverse=True)

    def added(values: FloatArray, *labels: int) -> FloatArray:
        kept = np.where(np.isin(label[at], labels), values[at], 0.0)
        return np.bincount(block, weights=kept, minlength=places.size).astype(np.float64, copy=False)

    lowest, highest = np.full(places.size, np.inf), np.full(places.size, -np.inf)
    np.minimum.at(lowest, block, ends[0][at])
    np.maximum.at(highest, block, ends[1][at])
    both = (UNFAVOURABLE, FAVOURABLE)
    scores, weights, squares = sums
    blocks = Blocks(
        score=added(scores, *both) / added(weights, *both),
        favourable=added(weights, FAVOURABLE),
        unfavourable=added(weights, UNFAVOURABLE),
        favourable_sq=added(squares, FAVOURABLE),
        unfavourable_sq=added(squares, UNFAVOURABLE),
        starts=np.searchsorted(places, np.arange(n_groups + 1, dtype=np.int64) * width),
    )
    return blocks, highest - lowest
