"""Whether the listed factors carry the decision: set them to what others have, and ask the model again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.core.words import count, points, score_beside
from rai_dash.data.columns import is_number, numbers
from rai_dash.explain._asking import IntArray, Score, ask, drawn_rows
from rai_dash.explain._base import take_mixed
from rai_dash.stats.clusters import share_of
from rai_dash.stats.intervals import wilson

#: Baseline rows that the factors are taken from.
MOST_ROWS = 1_000
#: A move that closes this share of the way to the threshold is material.
MATERIAL = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sufficiency:
    """What happens to a refused applicant who has others' values in the listed factors.

    Parameters
    ----------
    columns : tuple of str
        Columns that were set, those of blocks one by one.
    before : float
        The applicant's score.
    mean_after : float
        Mean score with the values of each baseline row in turn, taken together from one row.
    flips : Estimate
        Share of these that reach the threshold, with Wilson's interval.
    typical_after : float
        Score with the baseline's median of numbers and most frequent category; typical values of several columns need
        not go together.
    rows, of : int
        Baseline rows used, of how many.
    threshold : float
        Favourable at or above.
    """

    columns: tuple[str, ...]
    before: float
    mean_after: float
    flips: Estimate
    typical_after: float
    rows: int
    of: int
    threshold: float

    @property
    def verdict(self) -> str:
        """``"flips"``: the mean reaches the threshold; ``"moves"``: it gets half of the way; else ``"falls_short"``."""
        if self.mean_after >= self.threshold:
            return "flips"
        way = self.threshold - self.before
        return "moves" if self.mean_after - self.before >= MATERIAL * way else "falls_short"

    @property
    def text(self) -> str:
        """The finding as a sentence."""
        if not self.columns:
            return tr("No factor pushes against the applicant, so there is nothing to set.")
        start = tr(
            "With the values of {rows} comparison applicants in these factors the score goes from "
            "{score_beside} to {score_beside_threshold} on average ({mean_after}); with those of {turned} of "
            "them the decision turns.",
            rows=f"{self.rows:,}",
            score_beside=score_beside(self.before, self.threshold),
            score_beside_threshold=score_beside(self.mean_after, self.threshold),
            mean_after=points(self.mean_after - self.before, signed=True),
            turned=count(self.flips.numerator),
        )
        return (
            tr("{start} The list does not explain the refusal.", start=start)
            if self.verdict == "falls_short"
            else start
        )


def sufficiency(
    score: Score,
    own: pd.DataFrame,
    reference: pd.DataFrame,
    columns: Sequence[str],
    *,
    threshold: float,
    seed: int = 0,
) -> Sufficiency:
    """Set columns to the baseline's values and ask again, all in one call.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome.
    own : DataFrame (1, columns)
        The applicant, with columns as in ``reference``.
    reference : DataFrame (m, columns)
        The baseline's rows.
    columns : sequence of str
        What is set.
    threshold : float
        Favourable at or above.
    seed : int
        For the draw of at most ``MOST_ROWS`` baseline rows.
    """
    rows = drawn_rows(len(reference), MOST_ROWS, seed=seed)
    names = [str(c) for c in reference.columns]
    at = [names.index(c) for c in columns]
    typical = _typical_rows(reference, columns)
    donors = pd.concat([reference.iloc[rows], reference.iloc[np.unique(typical)]], ignore_index=True)
    pool = pd.concat([own, donors], ignore_index=True)
    source = np.zeros((2 + len(rows), len(names)), dtype=np.int64)
    source[2:, at] = np.arange(1, 1 + len(rows))[:, None]
    source[1, at] = 1 + len(rows) + np.searchsorted(np.unique(typical), typical)
    found = ask(score, take_mixed(pool, source))
    k = int((found[2:] >= threshold).sum())
    return Sufficiency(
        columns=tuple(columns), before=float(found[0]), mean_after=float(found[2:].mean()),
        flips=share_of(k / len(rows), *wilson(k, len(rows)), k, len(rows)), typical_after=float(found[1]),
        rows=len(rows), of=len(reference), threshold=threshold,
    )  # fmt: skip


def _typical_rows(reference: pd.DataFrame, columns: Sequence[str]) -> IntArray:
    """Return for each column a row that holds its typical value: an observed one, whole where all are whole."""
    return np.array([_typical_row(reference[name]) for name in columns], dtype=np.int64)


def _typical_row(series: pd.Series) -> int:
    if is_number(series):
        x = numbers(series)
        known = np.flatnonzero(~np.isnan(x))
        if not known.size:
            return 0
        return int(known[np.argsort(x[known], kind="stable")[(known.size - 1) // 2]])
    most = series.value_counts().sort_index().sort_values(ascending=False, kind="stable").index
    return int(np.argmax((series == most[0]).to_numpy(dtype=bool))) if len(most) else 0
