"""Whether decisions hold when the applicants' data is a little off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.explain._asking import (
    CALL_ROWS,
    SILENT,
    FloatArray,
    IntArray,
    Score,
    Watch,
    ask,
    ask_each,
    drawn_rows,
)
from rai_dash.explain._noise import Noise, noise_of, row_keys
from rai_dash.metrics._base import DEFAULT_MIN_N
from rai_dash.stats.clusters import clustered_rate, mean_share, share_of
from rai_dash.stats.intervals import wilson

DRAWS = 50
#: A row is fragile when more than this share of its draws end in the other decision.
FRAGILE = 0.1
#: Scores closer to the threshold than this are near it.
NEAR = 0.1
LEVELS = (0.02, 0.05, 0.1)
__all__ = [
    "Flips", "GroupFlips", "Noise", "flipped_shares", "flips", "flips_from", "noise_of", "shaken_scores",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFlips:
    """Flip rate of a group.

    Parameters
    ----------
    name : str
        Group.
    n : int
        Rows.
    rate : Estimate
        Share of draws that end in the other decision; undefined for no rows.
    small : bool
        Fewer rows than ``min_n``.
    """

    name: str
    n: int
    rate: Estimate
    small: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flips:
    """What noise does to scores and decisions.

    Parameters
    ----------
    eps, draws, threshold : float, int, float
        What was asked.
    rows : int64 (m,)
        Rows of the table that were shaken.
    of : int
        Rows there were.
    score : float64 (m,)
        Scores without noise.
    flip : float64 (m,)
        Share of the row's draws that end in the other decision.
    shift : float64 (m,)
        Mean absolute change of the row's score.
    mean_shift : Estimate
        Mean absolute change of a score, with Student's interval over rows.
    p95_shift : float or None
        95 % of all changes are at most this large (an observed one); without interval.
    rate : Estimate
        Share of draws that end in the other decision. The draws of one row go together, so that the interval is
        Wilson's at the effective number of draws (see `clustered_rate`).
    near : Estimate
        The same of rows whose score is less than 0.1 from the threshold.
    fragile : Estimate
        Share of rows of which more than 10 % of the draws flip, with Wilson's interval over rows. Whether a row is
        over 10 % is itself judged from its draws.
    groups : tuple of GroupFlips
        By group, if groups were given.
    """

    eps: float
    draws: int
    threshold: float
    rows: IntArray
    of: int
    score: FloatArray
    flip: FloatArray
    shift: FloatArray
    mean_shift: Estimate
    p95_shift: float | None
    rate: Estimate
    near: Estimate
    fragile: Estimate
    groups: tuple[GroupFlips, ...] = ()


def flips(
    score: Score,
    frame: pd.DataFrame,
    noise: Noise,
    *,
    eps: float,
    threshold: float,
    draws: int = DRAWS,
    codes: NDArray[np.int32] | None = None,
    groups: Sequence[str] = (),
    ids: Sequence[object] | None = None,
    most_rows: int | None = None,
    min_n: int = DEFAULT_MIN_N,
    seed: int = 0,
    watch: Watch = SILENT,
) -> Flips:
    """Shake rows again and again, and count the decisions that change.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome.
    frame : DataFrame (n, columns)
        Rows with the model's columns.
    noise : Noise
        From `noise_of` the training rows.
    eps : float
        How much noise, in [0, 1]; 0 changes nothing.
    threshold : float
        Favourable at or above.
    draws : int
        Shaken copies of each row.
    codes, groups : int32 (n,), sequence of str, optional
        Position of each row's group, and the groups.
    ids : sequence, optional
        What a row's noise hangs on; its content by default, so that the order of rows does not matter.
    most_rows : int or None
        Draw so many rows; None = all. Each row needs ``draws + 1`` answers.
    min_n : int
        Rows from which a group is not small.
    seed : int
        For the rows that are drawn; the noise of a row does not depend on it.
    watch : Watch
        Progress and stop.
    """
    rows = drawn_rows(len(frame), most_rows, seed=seed)
    table = frame.iloc[rows].reset_index(drop=True)
    scores = shaken_scores(
        score, table, noise, eps=eps, draws=draws, ids=None if ids is None else [ids[i] for i in rows], watch=watch
    )  # fmt: skip
    return flips_from(
        scores, rows=rows, of=len(frame), eps=eps, threshold=threshold, codes=codes, groups=groups, min_n=min_n
    )  # fmt: skip


def shaken_scores(
    score: Score,
    table: pd.DataFrame,
    noise: Noise,
    *,
    eps: float,
    draws: int = DRAWS,
    ids: Sequence[object] | None = None,
    watch: Watch = SILENT,
) -> FloatArray:
    """Score rows and their shaken copies; parameters as of `flips`.

    Returns
    -------
    float64 (1 + draws, n)
        First the rows as they are, then copy by copy. A row's scores hang on its content alone, not on the others.
    """
    if draws < 1:
        msg = tr("Each row is shaken at least once, got {draws}. Give 1 or more; 50 is usual.", draws=draws)
        raise InvalidChoice(msg)
    found = np.empty((1 + draws, len(table)))
    found[0] = ask(score, table)
    shaken = _copies(table, noise, row_keys(table, ids), eps=eps, draws=draws)
    for i, scores in enumerate(_by_draw(score, shaken, len(table), draws * len(table), watch), start=1):
        found[i] = scores
    return found


def flipped_shares(scores: FloatArray, threshold: float) -> FloatArray:
    """Return the share of each row's copies that end in the other decision, float64 (n,), from `shaken_scores`."""
    return np.asarray(((scores[1:] >= threshold) != (scores[0] >= threshold)).mean(axis=0))


def flips_from(
    scores: FloatArray,
    *,
    rows: IntArray,
    of: int,
    eps: float,
    threshold: float,
    codes: NDArray[np.int32] | None = None,
    groups: Sequence[str] = (),
    min_n: int = DEFAULT_MIN_N,
) -> Flips:
    """Count the decisions that change between rows and their shaken copies.

    Parameters
    ----------
    scores : float64 (1 + draws, m)
        From `shaken_scores`.
    rows, of : int64 (m,), int
        Which rows of the table they are, and how many it has.
    eps, threshold, codes, groups, min_n
        As of `flips`.
    """
    plain, draws = scores[0], len(scores) - 1
    change = np.abs(scores[1:] - plain)
    flip, shift = flipped_shares(scores, threshold), change.mean(axis=0)
    fragile = flip > FRAGILE
    low, high = wilson(fragile.sum(), len(rows))
    near = np.abs(plain - threshold) < NEAR
    return Flips(
        eps=eps, draws=draws, threshold=threshold, rows=rows, of=of, score=plain, flip=flip, shift=shift,
        mean_shift=mean_share(shift),
        p95_shift=float(np.quantile(change, 0.95, method="inverted_cdf")) if change.size else None,
        rate=clustered_rate(flip, draws), near=clustered_rate(flip[near], draws),
        fragile=share_of(fragile.mean() if len(rows) else np.nan, low, high, fragile.sum(), len(rows)),
        groups=() if codes is None else _by_group(flip, draws, codes[rows], groups, min_n),
    )  # fmt: skip


def _copies(
    table: pd.DataFrame, noise: Noise, keys: NDArray[np.uint64], *, eps: float, draws: int
) -> Iterator[pd.DataFrame]:
    """Yield shaken copies, draw by draw, each in parts of at most one call."""
    for draw in range(draws):
        for at in range(0, max(len(table), 1), CALL_ROWS):
            part = slice(at, at + CALL_ROWS)
            yield noise.shaken(table.iloc[part], keys[part], eps=eps, draw=draw)


def _by_draw(
    score: Score, tables: Iterator[pd.DataFrame], n: int, total: int, watch: Watch
) -> Iterator[FloatArray]:
    """Put the parts of each draw together again."""
    parts: list[FloatArray] = []
    for found in ask_each(score, tables, total=total, what=tr("Adding noise"), watch=watch):
        parts.append(found)
        if sum(len(part) for part in parts) == n:
            yield np.concatenate(parts)
            parts = []


def _by_group(
    flip: FloatArray, draws: int, codes: NDArray[np.int32], groups: Sequence[str], min_n: int
) -> tuple[GroupFlips, ...]:
    out = []
    for g, name in enumerate(groups):
        inside = flip[codes == g]
        rate = clustered_rate(inside, draws)
        out.append(GroupFlips(name=name, n=len(inside), rate=rate, small=len(inside) < min_n))
    return tuple(out)
