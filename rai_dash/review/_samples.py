"""Bootstrap samples of the rows behind a cube: review-band.md section 12.

Without weights a multinomial draw of the cells has exactly the law of drawing the rows again. With weights or amounts
it has not; there each row is taken a Poisson(1) number of times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.texts import tr
from rai_dash.data.review_counting import cube_codes
from rai_dash.metrics.stakes import MOST_ROWS
from rai_dash.stats.bootstrap import draw_counts

FloatArray = NDArray[np.float64]

#: No more draws of rows are made than this: it would take longer than a person waits.
MOST_DRAWS = 40_000_000
#: Of rows, where that is the limit.
LEAST_REPLICATES = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandRows:
    """The rows that a cube was counted from.

    Parameters
    ----------
    counts : GroupCounts
        By the column of the cube, with its rows in memory.
    amount : float64 (n,) or None
        Blank (NaN) counts 0; in the order of those rows.
    decision : int8 (n,) or None
        Recorded decisions, likewise.
    """

    counts: GroupCounts
    amount: FloatArray | None = None
    decision: NDArray[np.int8] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """Bootstrap samples of one cube, the samples on the last axis.

    Parameters
    ----------
    cube : ReviewCube
        What was seen.
    rows : float64 (groups, 3, 3, k + 2, samples)
        As of `ReviewCube`; whole numbers.
    weight, amount : float64, as ``rows``, or None
        As of `ReviewCube`; amounts are there only where rows were drawn.
    """

    cube: ReviewCube
    rows: FloatArray
    weight: FloatArray | None = None
    amount: FloatArray | None = None

    def __len__(self) -> int:
        """Return the number of samples."""
        return int(self.rows.shape[-1])

    @property
    def mass(self) -> FloatArray:
        """Sums of weights, as ``rows``."""
        return self.rows if self.weight is None else self.weight

    def one(self, i: int) -> ReviewCube:
        """Return the cube of one sample."""
        return replace(
            self.cube,
            rows=self.rows[..., i].astype(np.int64),
            weight=None if self.weight is None else self.weight[..., i],
            weight_sq=None,
            amount=None if self.amount is None else self.amount[..., i],
        )


def whole(cube: ReviewCube) -> Samples:
    """Return the data themselves as the only sample."""
    return Samples(
        cube=cube,
        rows=cube.rows[..., None].astype(np.float64),
        weight=None if cube.weight is None else cube.weight[..., None],
        amount=None if cube.amount is None else cube.amount[..., None],
    )


def why_not(cube: ReviewCube, rows: BandRows | None, *, needs_rows: bool) -> str | None:
    """Say why no samples can be drawn; None where they can.

    Parameters
    ----------
    cube : ReviewCube
        To be sampled.
    rows : BandRows or None
        Behind it.
    needs_rows : bool
        Whether cells do not do even without weights: for amounts, or columns that are to be drawn together.
    """
    if not (needs_rows or cube.is_weighted):
        return None
    why = tr("weights, amounts and limits on several columns need the rows drawn again")
    if rows is None or rows.counts.rows is None:
        return tr("{why}, and they are not in memory", why=why)
    n = rows.counts.rows.score.size
    return tr("{why}, and {n} rows take too long", why=why, n=f"{n:,}") if n > MOST_ROWS else None


def draw_samples(
    cube: ReviewCube, rows: BandRows | None, *, replicates: int, seed: int, needs_rows: bool
) -> Samples:
    """Draw bootstrap samples; see `why_not` for when that is possible.

    Parameters
    ----------
    cube, rows, needs_rows
        As of `why_not`.
    replicates : int
        Samples wanted. Of many rows fewer are drawn, at least 200.
    seed : int
        The same seed takes the same rows, by whatever column they are counted.
    """
    if rows is not None and rows.counts.rows is not None and (needs_rows or cube.is_weighted):
        fewer = max(LEAST_REPLICATES, MOST_DRAWS // max(1, rows.counts.rows.score.size))
        return _draw_rows(cube, rows, replicates=min(replicates, fewer), seed=seed)
    draws = draw_counts(cube.rows, replicates=replicates, seed=seed)
    return Samples(cube=cube, rows=np.moveaxis(draws, 0, -1).astype(np.float64, order="C"))


def _draw_rows(cube: ReviewCube, given: BandRows, *, replicates: int, seed: int) -> Samples:
    """Take every row a Poisson number of times."""
    rows = given.counts.rows
    if rows is None or given.counts.groups != cube.groups or rows.score.size != int(cube.rows.sum()):
        msg = tr("The rows are not those that the cube was counted from. Hand in both of the same case.")
        raise InvalidChoice(msg)
    code = cube_codes(rows, given.decision, cube.edges)
    values = {"rows": np.ones(code.size)}
    if rows.weight is not None:
        values["weight"] = rows.weight
    if given.amount is not None:
        values["amount"] = np.nan_to_num(given.amount) * values.get("weight", 1.0)
    sums = {name: np.empty((cube.rows.size, replicates)) for name in values}
    rng = np.random.default_rng(seed)
    for i in range(replicates):
        times = rng.poisson(1.0, code.size)
        for name, value in values.items():
            sums[name][:, i] = np.bincount(code, weights=times * value, minlength=cube.rows.size)
    return Samples(
        cube=cube, **{name: found.reshape(*cube.rows.shape, replicates) for name, found in sums.items()}
    )
