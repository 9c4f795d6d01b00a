"""Whether explanations hold when the applicants' data is a little off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.explain._asking import SILENT, FloatArray, IntArray, Watch
from rai_dash.explain._noise import Noise, row_keys
from rai_dash.stats.clusters import mean_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Whether a row's explanation survives noise; Student's intervals over rows.

    Parameters
    ----------
    k : int
        Columns compared.
    eps, draws, rows : float, int, int
        What was asked.
    overlap : Estimate
        Mean share of the top k columns that stay among the top k.
    same_set : Estimate
        Mean share of draws with exactly the same k columns.
    same_first : Estimate
        Mean share of draws with the same first column.
    """

    k: int
    eps: float
    draws: int
    rows: int
    overlap: Estimate
    same_set: Estimate
    same_first: Estimate


def explanation_stability(
    attribute: Callable[[pd.DataFrame], FloatArray],
    frame: pd.DataFrame,
    noise: Noise,
    *,
    eps: float,
    k: int = 4,
    draws: int = 10,
    ids: Sequence[object] | None = None,
    watch: Watch = SILENT,
) -> Stability:
    """Explain shaken rows and compare their largest columns with those of the rows themselves.

    Parameters
    ----------
    attribute : callable
        Table rows to contributions, float64 (n, columns).
    frame : DataFrame (n, columns)
        Rows.
    noise, eps, draws, ids, watch
        As of `rai_dash.explain.noise.flips`.
    k : int
        Columns of the largest absolute contribution; ties in the order of the columns.
    """
    if k < 1 or draws < 1:
        msg = tr(
            "At least one column and one draw are compared, got k = {k} and {draws} draws. Give 1 or more.",
            k=k,
            draws=draws,
        )
        raise InvalidChoice(msg)
    keys, total = row_keys(frame, ids), draws * len(frame)
    before = _largest(attribute(frame), k)
    overlap, same, first = (np.zeros((draws, len(frame))) for _ in range(3))
    for i in range(draws):
        watch.step(i * len(frame), total, tr("Explaining with noise"))
        after = _largest(attribute(noise.shaken(frame, keys, eps=eps, draw=i)), k)
        overlap[i] = (before[:, :, None] == after[:, None, :]).any(axis=2).mean(axis=1)
        same[i], first[i] = overlap[i] == 1.0, before[:, 0] == after[:, 0]
    watch.step(total, total, tr("Explaining with noise"))
    return Stability(
        k=before.shape[1], eps=eps, draws=draws, rows=len(frame), overlap=mean_share(overlap.mean(axis=0)),
        same_set=mean_share(same.mean(axis=0)), same_first=mean_share(first.mean(axis=0)),
    )  # fmt: skip


def _largest(values: FloatArray, k: int) -> IntArray:
    return np.argsort(-np.abs(values), axis=1, kind="stable")[:, :k]
