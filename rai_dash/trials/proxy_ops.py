"""Entry point of the separate process: how well columns tell groups apart, on rows not learned from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import is_number, numbers
from rai_dash.data.groups import quantile_edges
from rai_dash.data.labels import label_codes
from rai_dash.models.refit import Answer, Progress
from rai_dash.sandbox.arrow import frame_from_ipc
from rai_dash.trials.proxy_auc import told_apart

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
PARAMS: Final = {"max_depth": 4, "eta": 0.1, "min_child_weight": 5, "tree_method": "hist", "nthread": 1}
TREES: Final = 100
#: Rows whose contributions are averaged; exact ones cost more than the training.
EXPLAINED: Final = 10_000
#: Ranges that a number is cut into where it is asked alone.
RANGES: Final = 32
#: Weight, in rows, of the share of everyone in the share of one value.
PRIOR: Final = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """The groups to be told apart, and the fold of each row, int32 (n,)."""

    codes: IntArray
    fold: IntArray
    n_groups: int
    seed: int


def guess_groups(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Learn groups from the columns on all folds but one and score that one, for every fold.

    Blobs: features (Arrow stream, n rows), group int32 (n,), fold int32 (n,). Arguments: ``groups``, ``seed``. The
    answer: ``auc`` and ``singles`` (value, ends, p and groups, of all columns and of each alone), ``carried``
    (mean |SHAP| of each column), ``explained`` (rows), and the scores, float64 (n, groups).
    """
    del state
    frame = frame_from_ipc(blobs[0], check=False)
    codes, fold = np.frombuffer(blobs[1], dtype="<i4"), np.frombuffer(blobs[2], dtype="<i4")
    n_groups, folds = int(args["groups"]), int(fold.max()) + 1
    coded = [_coded(frame.iloc[:, i]) for i in range(frame.shape[1])]
    singles = [
        asdict(told_apart(table_scores(values, codes, fold, n_groups), codes, folds=folds))
        for values in map(_levels, coded)
    ]
    progress(1, folds + 1, "each column alone")
    score, carried, explained = _together(
        _matrix(coded), _Asked(codes, fold, n_groups, int(args["seed"])), progress
    )
    data = {
        "auc": asdict(told_apart(score, codes, folds=folds)),
        "singles": singles,
        "carried": carried.tolist(),
        "explained": explained,
    }
    return data, [score.astype("<f8").tobytes()]


def _coded(series: pd.Series) -> pd.Series:
    """Return numbers as they are, everything else as categories in a fixed order."""
    if is_number(series):
        return pd.Series(numbers(series))
    codes, names = label_codes(series)
    order = np.argsort(np.array(names, dtype=object), kind="stable")
    place = np.full(len(names) + 1, -1, dtype=np.int32)
    place[order] = np.arange(len(names), dtype=np.int32)
    return pd.Series(pd.Categorical.from_codes(place[codes], categories=pd.RangeIndex(len(names))))


def _matrix(coded: list[pd.Series]) -> pd.DataFrame:
    """Put columns side by side under names that XGBoost takes."""
    return pd.DataFrame({f"f{i}": values for i, values in enumerate(coded)})


def _levels(values: pd.Series) -> IntArray:
    """Return a number from 0 for the value of each row, or for its range; the groups are not looked at."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.int32) + np.int32(1)
    known = values.to_numpy(dtype=np.float64)
    place = np.searchsorted(quantile_edges(known, RANGES), known, side="right")
    return np.where(np.isnan(known), 0, place + 1).astype(np.int32)


def table_scores(levels: IntArray, codes: IntArray, fold: IntArray, n_groups: int) -> FloatArray:
    """Score rows by the share of each group among rows of other folds with the same value.

    Parameters
    ----------
    levels, codes, fold : int32 (n,)
        Value of the one column, group and fold of each row, each from 0.
    n_groups : int
        Number of groups.

    Returns
    -------
    float64 (n, n_groups)
        The share is drawn towards that of all rows of the other folds, which weighs like `PRIOR` rows.
    """
    shape = (int(fold.max()) + 1, int(levels.max()) + 1, n_groups)
    place = np.ravel_multi_index((fold, levels, codes), shape)
    inside = np.bincount(place, minlength=int(np.prod(shape))).reshape(shape)
    others = (inside.sum(axis=0) - inside).astype(np.float64)
    base = others.sum(axis=1, keepdims=True) / others.sum(axis=(1, 2), keepdims=True)
    share: FloatArray = (others + PRIOR * base) / (others.sum(axis=2, keepdims=True) + PRIOR)
    return share[fold, levels]


def parameters(n_groups: int, seed: int) -> dict[str, Any]:
    """Return the settings of XGBoost for two groups or more."""
    if n_groups == 2:
        return {**PARAMS, "objective": "binary:logistic", "seed": seed}
    return {**PARAMS, "objective": "multi:softprob", "num_class": n_groups, "seed": seed}


def _together(matrix: pd.DataFrame, asked: _Asked, progress: Progress) -> tuple[FloatArray, FloatArray, int]:
    """Return the scores of rows not learned from, mean |SHAP| of each column, and the rows behind it."""
    import xgboost

    def data(at: NDArray[np.intp], label: IntArray | None = None) -> Any:
        return xgboost.DMatrix(matrix.iloc[at], label=label, enable_categorical=True)

    is_pair, folds = asked.n_groups == 2, int(asked.fold.max()) + 1
    score = np.zeros((asked.codes.size, asked.n_groups))
    carried, explained = np.zeros(matrix.shape[1]), 0
    for k in range(folds):
        train, held = np.flatnonzero(asked.fold != k), np.flatnonzero(asked.fold == k)
        booster = xgboost.train(
            parameters(asked.n_groups, asked.seed), data(train, asked.codes[train]), num_boost_round=TREES
        )
        given = booster.predict(data(held))
        score[held] = np.column_stack((1.0 - given, given)) if is_pair else given
        some = held[:: max(1, -(-held.size * folds // EXPLAINED))]
        # (rows, columns + base), with a middle axis of groups where there are more than two.
        size = np.abs(booster.predict(data(some), pred_contribs=True)[..., :-1].astype(np.float64))
        carried += (size if is_pair else size.mean(axis=1)).sum(axis=0)
        explained += some.size
        progress(k + 2, folds + 1, f"fold {k + 1} of {folds}")
    return score, carried / max(explained, 1), explained
