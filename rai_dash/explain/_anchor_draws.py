"""Draws on which rules are tried: reference rows, whole, with the columns of a rule overwritten."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.explain._asking import FloatArray, IntArray, Score, ask
from rai_dash.explain._base import take_mixed
from rai_dash.explain._conditions import own_condition
from rai_dash.explain._noise import row_keys
from rai_dash.explain.counterfactuals.constraints import levers_of

#: Draws a rule: all get the first, the promising ones the rest, and the finalists as many fresh ones.
FIRST, SECOND, FRESH = 100, 500, 1_000
#: A rule: its units (a column, or linked ones), ascending.
Units = tuple[int, ...]


class Panel:
    """Draws that all rules share: whole reference rows, and for each unit another row that meets its conditions."""

    def __init__(self, inside: Sequence[NDArray[np.bool_]], n: int, size: int, seed: Sequence[int]) -> None:
        rng = np.random.default_rng(list(seed))
        self.rows: IntArray = rng.integers(0, n, size)
        # Row n of the pool is the applicant: the donor where no reference row shares their bin.
        homes = [np.flatnonzero(one) if one.any() else np.array([n]) for one in inside]
        self.donors: list[IntArray] = [home[rng.integers(0, len(home), size)] for home in homes]


class Draws:
    """The model, the pool of rows and the draws of one applicant."""

    def __init__(
        self,
        score: Score,
        own: pd.DataFrame,
        reference: pd.DataFrame,
        linked: Sequence[Sequence[str]],
        seed: int,
    ) -> None:
        names = [str(c) for c in own]
        self.score, self.reference = score, reference
        self.pool = pd.concat([reference, own], ignore_index=True)
        found = [own_condition(reference[name], own[name]) for name in names]
        units = levers_of(names, linked)
        self.columns = [[names.index(c) for c in unit] for unit in units]
        self.conditions = [tuple(found[j][0] for j in at) for at in self.columns]
        self.inside = [np.logical_and.reduce([found[j][1] for j in at]) for at in self.columns]
        self.key = int(row_keys(own)[0])
        self.seed, self.calls, self.rows = seed, 0, 0
        self.search = Panel(self.inside, len(reference), SECOND, (self.key, seed, 0))
        self.fresh = Panel(self.inside, len(reference), FRESH, (self.key, seed, 1))

    def ask(self, frame: pd.DataFrame) -> FloatArray:
        """Score rows, and count them."""
        self.calls += 1
        self.rows += len(frame)
        return ask(self.score, frame)

    def sources(self, rule: Units, panel: Panel, part: slice) -> IntArray:
        """Return from which row of the pool each cell of the draws of a rule comes."""
        source = np.repeat(panel.rows[part, None], self.pool.shape[1], axis=1)
        for unit in rule:
            source[:, self.columns[unit]] = panel.donors[unit][part, None]
        return source

    def kept(
        self, rules: Sequence[Units], panel: Panel, part: slice, threshold: float, *, favourable: bool
    ) -> IntArray:
        """Count for each rule the draws that keep the decision, int64 (rules,); one call for all."""
        if not rules:
            return np.empty(0, dtype=np.int64)
        tables = np.concatenate([self.sources(rule, panel, part) for rule in rules])
        same = (self.ask(take_mixed(self.pool, tables)) >= threshold) == favourable
        counts: IntArray = same.reshape(len(rules), -1).sum(axis=1)
        return counts

    def meets(self, rule: Units) -> NDArray[np.bool_]:
        """Say which reference rows meet a rule, bool (n,)."""
        met = np.ones(len(self.reference), dtype=bool)
        for unit in rule:
            met &= self.inside[unit]
        return met
