"""What a comparison of strategies finds out: counts of the untouched rows, one set a training run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.once import Once
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex
from rai_dash.trials.rebalancing.correction import log_loss, share_above
from rai_dash.trials.rebalancing.recipe import Recipe
from rai_dash.trials.rebalancing.strategies import Strategy

FloatArray = NDArray[np.float64]
Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Scores of the untouched rows, counted; without rows, so that many runs fit into memory.

    Parameters
    ----------
    everyone, by_group : GroupCounts, GroupCounts or None
        By score; None = groups are not compared.
    ranked, ranked_by_group : GroupCounts, GroupCounts or None
        By the share of rows ranked behind (`share_above`): a cut of ``1 - q`` approves the best share ``q``.
    log_loss : float
        NaN without a scored row.
    """

    everyone: GroupCounts
    by_group: GroupCounts | None
    ranked: GroupCounts
    ranked_by_group: GroupCounts | None
    log_loss: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """One training: its seed, what it gives, the same with prior-corrected scores where the prior was moved.

    ``cells`` counts the training rows by outcome and group, ``prior`` and ``prior_after`` are the weighted shares of
    favourable outcomes before and after.
    """

    seed: int
    scored: Scored
    corrected: Scored | None
    cells: Mapping[str, int]
    train_rows: int
    prior: float
    prior_after: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """One strategy under all seeds; ``failed`` says why there is no run.

    ``content`` is the model file of the first seed, None where no model of its own was trained; ``trained`` says how.
    """

    strategy: Strategy
    runs: tuple[Run, ...] = ()
    content: bytes | None = None
    trained: str = ""
    failed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """All strategies on the same untouched rows.

    Parameters
    ----------
    variants : tuple of Variant
        In the order of the table.
    recipe : Recipe
        With the first seed.
    seeds : tuple of int
        Each redraws the resampled rows, and the split too where ``fold_is_drawn``.
    kind : str
        What was trained.
    is_stand_in : bool
        Whether it is not the user's own kind of model.
    fold : str
        How the rows were divided.
    fold_is_drawn : bool
        Whether each seed has a split of its own.
    dropped, twins : int
        Of the first fold: copies taken out of training, and test rows that have a twin in training all the same.
    train_rows, test_rows : int
        Of the first fold; test rows are the ones with an outcome.
    cautions : tuple of str
        What the recipe does to the first fold that limits what can be learned from it; names stand in backticks.
    """

    variants: tuple[Variant, ...]
    recipe: Recipe
    seeds: tuple[int, ...]
    kind: str
    is_stand_in: bool
    fold: str
    fold_is_drawn: bool
    dropped: int
    twins: int
    train_rows: int
    test_rows: int
    cautions: tuple[str, ...] = ()

    def variant(self, key: str) -> Variant:
        """Find the variant of a strategy.

        Raises
        ------
        KeyError
            When it was not asked for.
        """
        return next(v for v in self.variants if v.strategy.key == key)


class Bench:
    """The untouched rows whose outcome is known."""

    def __init__(self, judged_on: Dataset, rows: Positions, groups: GroupIndex | None) -> None:
        known = np.isin(judged_on.outcome[rows], (UNFAVOURABLE, FAVOURABLE))
        at = rows[known]
        self.rows = at
        self.frame = judged_on.frame.iloc[at].reset_index(drop=True)
        self._outcome = judged_on.outcome[at]
        self._weight = judged_on.weight[at] if judged_on.roles.weight else None
        self._groups = None if groups is None else replace(groups, codes=groups.codes[at])

    def judge(self, score: FloatArray) -> Scored:
        """Count scores, float64 (m,), of the rows of ``frame``."""
        scored = np.isfinite(score)
        place = share_above(score, self._weight)
        weight = None if self._weight is None else self._weight[scored]
        groups = self._groups
        return Scored(
            everyone=self._count(score, None),
            by_group=None if groups is None else self._count(score, groups),
            ranked=self._count(place, None),
            ranked_by_group=None if groups is None else self._count(place, groups),
            log_loss=log_loss(self._outcome[scored], score[scored], weight),
        )

    def _count(self, score: FloatArray, groups: GroupIndex | None) -> GroupCounts:
        return without_rows(count(self._outcome, score, groups, weight=self._weight))


def without_rows(counts: GroupCounts) -> GroupCounts:
    """Take the figures that need rows, then let go of the rows."""
    sums = None if counts.score_sums is None else counts.score_sums()
    figures = None if counts.figures is None else counts.figures()
    return replace(
        counts,
        rows=None,
        score_sums=None if sums is None else Once(lambda: sums),
        figures=None if figures is None else Once(lambda: figures),
    )
