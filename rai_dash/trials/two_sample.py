"""Can a classifier tell two data sets apart? The two-sample test that sees what no single column shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.columns import is_number, is_row_number
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import labels
from rai_dash.models.refit import TRAIN_TIMEOUT_S, Answer
from rai_dash.sandbox.arrow import frame_from_ipc, frame_to_ipc
from rai_dash.sandbox.client import run_once
from rai_dash.stats.auc import auc
from rai_dash.stats.blocks import blocks_of_rows

FloatArray = NDArray[np.float64]
Progress = Callable[[int, int, str], None]
MOST_ROWS: Final = 4_000
MIN_ROWS: Final = 50
TREES: Final = 60
SETTINGS: Final = {"max_depth": 3, "eta": 0.2, "min_child_weight": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSample:
    """How well the two data sets can be told apart.

    Parameters
    ----------
    auc, low, high : float
        Of the half of the rows that the classifier has not seen; 0.5 = not at all. DeLong's 95 % interval, NaN where
        it does not exist.
    p_value : float
        One-sided Mann-Whitney test on the same rows.
    columns : tuple of (str, float)
        What the AUC loses when one column is shuffled among the held-out rows, from the largest.
    rows_then, rows_now : int
        Rows judged on; as many were trained on.
    """

    auc: float
    low: float
    high: float
    p_value: float
    columns: tuple[tuple[str, float], ...]
    rows_then: int
    rows_now: int

    @property
    def is_shown(self) -> bool:
        """Whether the data sets are shown to differ, at 2.5 % on one side, as a 95 % interval above 0.5 would."""
        return self.p_value < 0.025


def two_sample(
    first: Dataset,
    second: Dataset,
    *,
    seed: int,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> TwoSample:
    """Train a classifier on half of the rows to tell the second data set from the first, and judge it on the others.

    One split and not cross-validation: the folds of the latter share training rows, which makes intervals and p-values
    too good (in 40 simulated pairs without a shift the variance was 1.4 times what DeLong's formula says).

    Parameters
    ----------
    first, second : Dataset
        At most ``MOST_ROWS`` rows of each are drawn. Columns of both that are of one kind and offered to models or
        sensitive; never the outcome, ids or free text.
    seed : int
        Of the draw, the halves and the shuffles.
    progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.

    Raises
    ------
    InvalidChoice
        With fewer than ``MIN_ROWS`` rows on a side, or no column to compare.

    References
    ----------
    Lopez-Paz, D. and Oquab, M. (2017). Revisiting classifier two-sample tests. ICLR.
    """
    columns = shared_columns(first, second)
    if not columns:
        msg = tr(
            "No column can be compared: the data sets share none that is a number or a category in both."
        )
        raise InvalidChoice(msg)
    if min(first.n_rows, second.n_rows) < MIN_ROWS:
        msg = tr(
            "A classifier needs at least {min_rows} rows of each data set; here are {n_rows} and "
            "{second_n_rows}. Add rows, or read the comparison of single columns.",
            min_rows=MIN_ROWS,
            n_rows=f"{first.n_rows:,}",
            second_n_rows=f"{second.n_rows:,}",
        )
        raise InvalidChoice(msg)
    rng = np.random.default_rng(seed)
    parts = [_drawn(d, columns, rng) for d in (first, second)]
    both = pd.concat(parts, ignore_index=True)
    is_now = np.repeat([0, 1], [len(p) for p in parts]).astype(np.int8)
    held = _held_out(both, rng)
    reply = run_once(
        "rai_dash.trials.two_sample:discriminate",
        {"seed": int(seed)},
        [frame_to_ipc(both), is_now.tobytes(), held.tobytes()],
        timeout=TRAIN_TIMEOUT_S,
        on_progress=progress,
        cancelled=cancelled,
    )
    score, drops = (np.frombuffer(b, dtype="<f8") for b in reply.blobs)
    return _judged(
        score, is_now[held == 1], sorted(zip(columns, drops.tolist(), strict=True), key=lambda c: -c[1])
    )


def shared_columns(first: Dataset, second: Dataset) -> tuple[str, ...]:
    """Name the columns that a classifier may look at."""
    offered = [dict.fromkeys([*d.features, *d.roles.sensitive]) for d in (first, second)]
    outcomes = {d.roles.target for d in (first, second)}
    return tuple(
        c
        for c in offered[0]
        if c in offered[1]
        and c not in outcomes
        and is_number(first.frame[c]) == is_number(second.frame[c])
        and not is_row_number(first.frame[c])
    )


def _drawn(dataset: Dataset, columns: tuple[str, ...], rng: np.random.Generator) -> pd.DataFrame:
    frame = dataset.frame[list(columns)]
    if len(frame) <= MOST_ROWS:
        return frame
    return frame.iloc[np.sort(rng.choice(len(frame), MOST_ROWS, replace=False))]


def _held_out(frame: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.int8]:
    """Mark half of the rows, int8 (n,); equal rows stay together, or a copy of a row would give another one away."""
    _, content = np.unique(pd.util.hash_pandas_object(frame, index=False).to_numpy(), return_inverse=True)
    content = content.reshape(-1)
    of_content = rng.permutation(np.arange(content.max() + 1) % 2)
    return of_content[content].astype(np.int8)


def _judged(score: FloatArray, is_now: NDArray[np.int8], columns: list[tuple[str, float]]) -> TwoSample:
    from scipy.stats import mannwhitneyu

    blocks = blocks_of_rows(score, is_now, group=np.zeros(score.size, dtype=np.int32), n_groups=1)
    found = auc(blocks)
    now, then = score[is_now == 1], score[is_now == 0]
    test = mannwhitneyu(now, then, alternative="greater", method="asymptotic")
    return TwoSample(
        auc=float(found.auc[0]),
        low=float(found.low[0]),
        high=float(found.high[0]),
        p_value=float(test.pvalue),
        columns=tuple(columns),
        rows_then=then.size,
        rows_now=now.size,
    )


def discriminate(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Entry point of the separate process: score the held-out rows by a classifier that was trained on the others.

    Blobs: rows (Arrow stream), int8 (n,) 1 = second data set, int8 (n,) 1 = held out. The answer is float64 (held out,)
    ranks in (0, 1), and float64 (columns,) loss of AUC by shuffling.
    """
    del state
    import xgboost

    frame = _typed(frame_from_ipc(blobs[0], check=False))
    is_now, is_held = (np.frombuffer(b, dtype=np.int8) for b in blobs[1:3])
    seen, held = np.flatnonzero(is_held == 0), np.flatnonzero(is_held == 1)
    if min(np.bincount(is_now[part], minlength=2).min() for part in (seen, held)) < 2:
        msg = tr("Too few different rows: one half has none of one data set. Compare the columns one by one.")
        raise InvalidChoice(msg)
    odds = float((is_now[seen] == 0).sum() / (is_now[seen] == 1).sum())
    weight = np.where(is_now[seen] == 1, odds, 1.0)
    data = xgboost.DMatrix(
        _plain(frame.iloc[seen]), label=is_now[seen], weight=weight, enable_categorical=True
    )
    settings = {"objective": "binary:logistic", "tree_method": "hist", "nthread": 1, "seed": 0, **SETTINGS}
    progress(0, 2, tr("growing trees"))
    booster = xgboost.train(settings, data, num_boost_round=TREES)
    progress(1, 2, tr("shuffling columns"))
    rank = _ranks(booster, frame.iloc[held])
    drops = _drops(booster, frame.iloc[held], is_now[held], rank, np.random.default_rng(args["seed"]))
    return {}, [rank.astype("<f8").tobytes(), drops.astype("<f8").tobytes()]


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Make categories of text, in a fixed order."""
    columns: dict[str, Any] = {}
    for name in frame.columns:
        if is_number(frame[name]):
            columns[name] = frame[name]
            continue
        text = labels(frame[name])
        columns[name] = pd.Categorical(text, categories=sorted(text.dropna().unique()))
    return pd.DataFrame(columns)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns and categories numbers: XGBoost refuses some of the characters that names may have."""
    out = frame.copy()
    out.columns = pd.Index([f"c{i}" for i in range(frame.shape[1])])
    for name in out.columns:
        if isinstance(out[name].dtype, pd.CategoricalDtype):
            out[name] = out[name].cat.rename_categories(range(len(out[name].cat.categories)))
    return out


def _ranks(booster: Any, frame: pd.DataFrame) -> FloatArray:
    """Rank rows by their score, between 0 and 1."""
    import xgboost
    from scipy.stats import rankdata

    score = booster.predict(xgboost.DMatrix(_plain(frame), enable_categorical=True))
    ranks: FloatArray = (rankdata(score) - 0.5) / len(frame)
    return ranks


def _drops(
    booster: Any, frame: pd.DataFrame, is_now: NDArray[np.int8], rank: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Shuffle each column among the held-out rows; how much AUC that costs, float64 (columns,)."""
    before = _area(rank, is_now)
    out = np.zeros(frame.shape[1])
    order = rng.permutation(len(frame))
    for i, name in enumerate(frame.columns):
        shuffled = frame.copy()
        shuffled[name] = frame[name].to_numpy()[order] if is_number(frame[name]) else frame[name].array[order]
        out[i] = before - _area(_ranks(booster, shuffled), is_now)
    return out


def _area(rank: FloatArray, is_now: NDArray[np.int8]) -> float:
    from scipy.stats import rankdata

    positive = is_now == 1
    m = int(positive.sum())
    ranks = rankdata(rank)
    return float((ranks[positive].sum() - m * (m + 1) / 2) / (m * (is_now.size - m)))
