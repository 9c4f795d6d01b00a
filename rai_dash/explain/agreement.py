"""How far two explanations of the same decision agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

TOP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Measures between 0 and 1 over the top k columns, and rank correlations over all.

    Parameters
    ----------
    k : int
        Columns compared: at most as many as there are.
    overlap : float
        Share of the top k of one that is in the top k of the other.
    rank : float
        Share of the top k that is at the same place in both.
    sign : float
        Share of the top k that is in both and pushes the same way.
    signed_rank : float
        Share of the top k that is at the same place and pushes the same way.
    spearman : float or None
        Rank correlation of the signed values; None where one side is constant.
    spearman_abs : float or None
        Rank correlation of the absolute values.
    pairwise : float or None
        Share of pairs of columns that both put in the same order of size; None for a single column.
    """

    k: int
    overlap: float
    rank: float
    sign: float
    signed_rank: float
    spearman: float | None
    spearman_abs: float | None
    pairwise: float | None


def _spearman(a: np.ndarray, b: np.ndarray) -> float | None:
    from scipy.stats import rankdata

    ranks = rankdata(a), rankdata(b)
    if any(np.ptp(r) == 0 for r in ranks):
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def _pairwise(a: np.ndarray, b: np.ndarray) -> float | None:
    first, second = np.triu_indices(len(a), k=1)
    if first.size == 0:
        return None
    return float(np.mean(np.sign(a[first] - a[second]) == np.sign(b[first] - b[second])))


def agreement(a: Mapping[str, float], b: Mapping[str, float], k: int = TOP) -> Agreement:
    """Compare two explanations of one row.

    They must be in the same space and in the same units: Shapley values in probability against LIME's
    *centred* weights. Raw LIME weights differ by their units alone.

    Parameters
    ----------
    a, b : mapping of str to float
        Contribution a column, over the same columns.
    k : int
        How many of the largest absolute values to compare. Ties are broken by the name of the column.

    Raises
    ------
    ValueError
        When the columns differ, or there are none.

    References
    ----------
    Krishna, S. et al. (2022). The disagreement problem in explainable machine learning: a
    practitioner's perspective. arXiv 2202.01602.
    """
    if set(a) != set(b) or not a:
        msg = f"Two explanations of the same columns are needed, got {sorted(a)} and {sorted(b)}."
        raise ValueError(msg)
    names = sorted(a)
    k = min(k, len(names))
    top_a = sorted(names, key=lambda name: (-abs(a[name]), name))[:k]
    top_b = sorted(names, key=lambda name: (-abs(b[name]), name))[:k]
    shared = set(top_a) & set(top_b)
    same_place = {x for x, y in zip(top_a, top_b, strict=True) if x == y}
    same_sign = {name for name in shared if np.sign(a[name]) == np.sign(b[name])}
    left, right = np.array([a[name] for name in names]), np.array([b[name] for name in names])
    return Agreement(
        k=k,
        overlap=len(shared) / k,
        rank=len(same_place) / k,
        sign=len(same_sign) / k,
        signed_rank=len(same_place & same_sign) / k,
        spearman=_spearman(left, right),
        spearman_abs=_spearman(np.abs(left), np.abs(right)),
        pairwise=_pairwise(np.abs(left), np.abs(right)),
    )
