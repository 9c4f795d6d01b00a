"""What is found out while a column is shuffled again and again, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain._asking import FloatArray, IntArray
from rai_dash.explain.drivers._losses import Judge, Judged


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shuffled:
    """What a measure says about each shuffle of each of K players, of n rows."""

    judge: Judge
    plain: Judged
    value: FloatArray  # (K, repeats)
    own: FloatArray  # (K, n): mean change of each row's influence
    lent: FloatArray  # (K, n): the same of the row that was lent this row's value
    squares: FloatArray  # (K,): of all changes

    @classmethod
    def start(cls, judge: Judge, plain: Judged, players: int, repeats: int) -> Shuffled:
        """Begin with nothing."""
        blank = np.zeros((players, len(plain.influence)))
        value = np.full((players, repeats), np.nan)
        return cls(
            judge=judge, plain=plain, value=value, own=blank, lent=blank.copy(), squares=np.zeros(players)
        )

    def add(
        self, player: int, repeat: int, score: FloatArray, good: NDArray[np.bool_], order: IntArray
    ) -> None:
        """Take up one shuffle."""
        judged = self.judge(score, good)
        self.value[player, repeat] = judged.value
        change = judged.influence - self.plain.influence
        share = change / self.value.shape[1]
        self.own[player] += share
        self.lent[player, order] += share
        self.squares[player] += change @ change

    @property
    def variance(self) -> FloatArray:
        """Variance of the mean drop over samples of rows and shuffles, float64 (K,).

        A row takes part twice, with its own columns and with the value it lends to another row, and both vary from
        sample to sample: leaving out the second makes intervals too narrow. What belongs to neither but to the pair
        is independent between shuffles; the sum of both would count it twice, and with two shuffles or more it can
        be told apart (a two-way layout without replications).
        """
        n, repeats = self.own.shape[1], self.value.shape[1]
        whole = (self.own + self.lent).var(axis=1, ddof=1)
        if repeats == 1:
            alone: FloatArray = whole / n
            return alone
        of_row, of_lender = (
            (self.squares - repeats * (part**2).sum(axis=1)) / (n * (repeats - 1))
            for part in (self.own, self.lent)
        )
        of_pair = np.maximum(of_row + of_lender - self.squares / (n * repeats), 0.0)
        # The pairs' own part is there in any case.
        variance: FloatArray = np.maximum(whole - of_pair / repeats, of_pair / repeats) / n
        return variance
