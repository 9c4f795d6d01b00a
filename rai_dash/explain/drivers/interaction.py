"""How strongly pairs of columns act together rather than one beside the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.explain._asking import (
    SILENT,
    FloatArray,
    IntArray,
    Score,
    Watch,
    ask_each,
    drawn_rows,
    known_block,
)
from rai_dash.explain._base import take_mixed
from rai_dash.explain.coalitions import codes_of
from rai_dash.stats.means import means

H2, SHAP = "h2", "shap"
#: Rows drawn for H²: each pair asks the model about up to so many rows squared.
PAIR_ROWS = 100
#: Variance of a joint effect, as a share of the scores' own, under which H² divides nothing by nothing.
_FLAT = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interactions:
    """Strength of each pair; float64 (pairs,) each.

    Parameters
    ----------
    measure : str
        ``"h2"``: Friedman's H², the share of a pair's joint effect that is not the sum of two single ones, from
        partial dependence on drawn rows. ``"shap"``: the mean absolute Shapley interaction value of the pair (both
        halves), from all rows given.
    pairs : tuple of (str, str)
        Columns.
    value, low, high : float64
        NaN limits for H², which has no interval here; NaN value = the pair does nothing at all.
    size : float64
        Root mean square of the interaction part, in score; equals ``value`` for SHAP. A large H² with a tiny size is a
        large share of next to nothing.
    rows, of : int
        Rows used, of how many.
    """

    measure: str
    pairs: tuple[tuple[str, str], ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    size: FloatArray
    rows: int
    of: int

    @property
    def order(self) -> IntArray:
        """Pairs by size, the strongest first."""
        return np.argsort(-np.nan_to_num(self.size, nan=-1.0), kind="stable")


def shap_interactions(values: FloatArray, names: Sequence[str]) -> Interactions:
    """Average absolute Shapley interaction values.

    Parameters
    ----------
    values : float64 (n, columns, columns)
        As shap and xgboost give them: symmetric, half of a pair in each of its two cells.
    names : sequence of str
        Columns.

    References
    ----------
    Lundberg, S. et al. (2020). From local explanations to global understanding with explainable AI for trees. Nature
    Machine Intelligence 2, 56-67.
    """
    at = list(combinations(range(len(names)), 2))
    first, second = np.array([i for i, _ in at], np.int64), np.array([j for _, j in at], np.int64)
    found = means(np.abs(values[:, first, second] + values[:, second, first]))
    return Interactions(
        measure=SHAP, pairs=tuple((names[i], names[j]) for i, j in at), value=found.value, low=found.low,
        high=found.high, size=found.value, rows=len(values), of=len(values),
    )  # fmt: skip


def friedman_h2(
    score: Score,
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    most_rows: int = PAIR_ROWS,
    seed: int = 0,
    watch: Watch = SILENT,
) -> Interactions:
    """Compute Friedman's H² of pairs of columns on drawn rows.

    With centred partial dependence ``F``, ``H² = Σ (F_jk - F_j - F_k)² / Σ F_jk²`` over the rows drawn. 0 = no
    interaction; for a sum of functions of single columns it is exactly 0 on any sample.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome.
    frame : DataFrame (n, columns)
        Rows.
    columns : sequence of str
        Columns of the pairs.
    pairs : sequence of (str, str), optional
        All pairs of ``columns`` by default.
    most_rows : int
        Rows to draw.
    seed : int
        For the rows.
    watch : Watch
        Progress and stop.

    References
    ----------
    Friedman, J. H., Popescu, B. E. (2008). Predictive learning via rule ensembles. Annals of Applied Statistics 2,
    916-954, section 8.1.
    """
    known_block(columns, frame.columns)
    asked = tuple(combinations(columns, 2)) if pairs is None else tuple(pairs)
    for pair in asked:
        known_block(pair, columns)
        if pair[0] == pair[1]:
            msg = tr("Column {pair} does not interact with itself. Choose two columns.", pair=f"{pair[0]!r}")
            raise InvalidChoice(msg)
    rows = drawn_rows(len(frame), most_rows, seed=seed)
    pool = frame.iloc[rows].reset_index(drop=True)
    single = list(dict.fromkeys(name for pair in asked for name in pair))
    sets = [(name,) for name in single] + list(asked)
    found = dict(zip(sets, _dependences(score, pool, sets, watch), strict=True))
    value, size = np.full(len(asked), np.nan), np.full(len(asked), np.nan)
    for i, (j, k) in enumerate(asked):
        both, rest = found[j, k], found[j, k] - found[(j,)] - found[(k,)]
        size[i] = np.sqrt((rest**2).mean()) if len(rest) else np.nan
        if len(rest) and (both**2).mean() > _FLAT:
            value[i] = (rest**2).sum() / (both**2).sum()
    none = np.full(len(asked), np.nan)
    return Interactions(
        measure=H2, pairs=asked, value=value, low=none, high=none, size=size, rows=len(rows), of=len(frame)
    )


def _dependences(
    score: Score, pool: pd.DataFrame, sets: Sequence[tuple[str, ...]], watch: Watch
) -> Iterator[FloatArray]:
    """Yield the centred partial dependence of each set of columns at each row of the pool, float64 (n,).

    Rows that agree in the set are asked about once.
    """
    names, codes = list(pool.columns), codes_of(pool)
    at = [[names.index(name) for name in columns] for columns in sets]
    kinds = [np.unique(codes[:, place], axis=0, return_index=True, return_inverse=True) for place in at]
    everyone = np.arange(len(pool))

    def tables() -> Iterator[pd.DataFrame]:
        for place, (_, donors, _) in zip(at, kinds, strict=True):
            source = np.repeat(np.tile(everyone, len(donors))[:, None], pool.shape[1], axis=1)
            source[:, place] = np.repeat(donors, len(pool))[:, None]
            yield take_mixed(pool, source)

    total = len(pool) * sum(len(donors) for _, donors, _ in kinds)
    answers = ask_each(score, tables(), total=total, what=tr("Moving pairs of columns"), watch=watch)
    for answer, (_, donors, kind) in zip(answers, kinds, strict=True):
        level = answer.reshape(len(donors), len(pool)).mean(axis=1) if len(pool) else answer
        curve = level[kind.ravel()]
        yield curve - curve.mean() if len(curve) else curve
