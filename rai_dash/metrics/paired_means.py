"""The mean of something paid for each row under two models, compared on the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.metrics.paired_draws import LEAST_DISCORDANT, REPLICATES
from rai_dash.stats.bootstrap import draw_counts, percentile_interval
from rai_dash.stats.means import student

FloatArray = NDArray[np.float64]

LEVEL: Final = 0.95
#: More different values than this, and the mean of them is as good as normal.
_MOST_VALUES: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedMean:
    """A mean under a second model less the mean under a first one, on the same rows.

    Parameters
    ----------
    n : int
        Rows.
    differing : int
        Rows for which it is not the same under both models.
    difference : float or None
        None = no rows.
    low, high : float or None
        Paired 95 % interval; None with ``reason``.
    method : str
        ``"draws"``: percentiles of the rows drawn again; ``"mean"``: Student, where very many values differ.
    reason : str or None
        Why there is no interval.
    """

    n: int
    differing: int = 0
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    method: str = "draws"
    reason: str | None = None

    @property
    def is_shown(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low is not None and self.high is not None and not self.low <= 0.0 <= self.high

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "differing": self.differing,
            "method": self.method,
            "reason": self.reason,
        }


def paired_mean(a: FloatArray, b: FloatArray, *, seed: int = 0) -> PairedMean:
    """Compare the means of two columns of the same rows.

    Parameters
    ----------
    a, b : float64 (n,)
        What each row costs under the first and under the second model.
    seed : int
        Derive it from fingerprints.

    Notes
    -----
    Rows with the same difference are one cell: a multinomial draw of the cells has the law of drawing the rows again.
    """
    change = b - a
    if not change.size:
        return PairedMean(n=0, reason=tr("there is no row to compare on"))
    # The same sum in another order is no difference.
    change[np.abs(change) < 1e-12 * max(1.0, float(np.abs(a).max()), float(np.abs(b).max()))] = 0.0
    differing = int(np.count_nonzero(change))
    found = PairedMean(n=change.size, differing=differing, difference=float(change.mean()))
    if differing < LEAST_DISCORDANT:
        few = tr(
            "rests on {differing} applications that cost differently, fewer than {least_discordant}",
            differing=f"{differing:,}",
            least_discordant=LEAST_DISCORDANT,
        )
        return PairedMean(n=found.n, differing=differing, difference=found.difference, reason=few)
    values, counts = np.unique(change, return_counts=True)
    if values.size > _MOST_VALUES:
        error = float(change.std(ddof=1)) / np.sqrt(change.size)
        half = float(student(LEVEL, change.size - 1.0)) * error
        low, high, method = (found.difference or 0.0) - half, (found.difference or 0.0) + half, "mean"
    else:
        drawn = draw_counts(counts.astype(np.int64), replicates=REPLICATES, seed=seed) @ values / change.size
        ends = percentile_interval(drawn, level=LEVEL)
        low, high, method = float(ends[0]), float(ends[1]), "draws"
    return PairedMean(
        n=found.n, differing=differing, difference=found.difference, low=low, high=high, method=method
    )
