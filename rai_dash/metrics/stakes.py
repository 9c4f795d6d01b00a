"""What is at stake in each score cell, in applications or in money, and bootstrap samples of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import N_CELLS, NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.core.rows import CountedRows
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.data.counting import count
from rai_dash.stats.bootstrap import draw_counts

FloatArray = NDArray[np.float64]

COUNT_REPLICATES = 300
ROW_REPLICATES = 200
#: Above this many rows they are not drawn again, which would take longer than a person waits.
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stakes:
    """Applications of one group by label and score cell, and the money in them.

    Parameters
    ----------
    counts : GroupCounts
        Of one group.
    amounts : GroupCounts or None
        The same rows with amount times weight for a weight; None = every application counts alike.
    n_amount_missing : int
        Labelled rows without an amount, whatever their weight; they count as 0.
    """

    counts: GroupCounts
    amounts: GroupCounts | None = None
    n_amount_missing: int = 0

    def __post_init__(self) -> None:
        """Check that there is one group."""
        if self.counts.n_groups != 1:
            msg = tr(
                "Costs are of one group, got {n_groups}. Take counts.total() or counts.group(i).",
                n_groups=self.counts.n_groups,
            )
            raise InvalidChoice(msg)

    @property
    def table(self) -> FloatArray:
        """What is lost by an error that costs 1, float64 (2, 1002): label {unfavourable, favourable} x cell."""
        source = self.counts if self.amounts is None else self.amounts
        return source.sums[0, : FAVOURABLE + 1]

    @property
    def labelled(self) -> float:
        """Weight of the labelled rows, scored or not."""
        return float(self.counts.sums[0, : FAVOURABLE + 1].sum())

    @property
    def unscored(self) -> float:
        """Weight of the labelled rows without a score."""
        return float(self.counts.sums[0, : FAVOURABLE + 1, NO_SCORE].sum())


def amount_stakes(
    outcome: NDArray[np.int8],
    scores: FloatArray,
    amount: FloatArray,
    *,
    counts: GroupCounts,
    weight: FloatArray | None = None,
) -> Stakes:
    """Sum the amounts of everyone by label and score cell, in one pass over the rows.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    scores : float64 (n,)
        Probability of the favourable outcome; NaN or infinite = no score.
    amount : float64 (n,)
        Not negative; a blank (NaN) counts as 0.
    counts : GroupCounts
        Of the same rows, in one group.
    weight : float64 (n,), optional
        Blank = 1; an amount counts so many times.

    Raises
    ------
    InvalidRoles
        When an amount is negative or infinite.
    """
    blank = np.isnan(amount)
    clean = np.where(blank, 0.0, amount)
    wrong = np.flatnonzero((clean < 0) | np.isinf(clean))
    if wrong.size:
        many = tr("{size} amounts are", size=f"{wrong.size:,}") if wrong.size > 1 else tr("One amount is")
        msg = tr(
            "{many} negative or infinite (first: {clean}). Choose another amount column on the Start "
            "page, or fixed costs.",
            many=many,
            clean=f"{clean[wrong[0]]:g}",
        )
        raise InvalidRoles(msg)
    if weight is not None:
        clean = clean * np.where(np.isnan(weight), 1.0, weight)
    return Stakes(
        counts=counts,
        amounts=count(outcome, scores, None, weight=clean),
        n_amount_missing=int((blank & (outcome < UNKNOWN)).sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StakeDraws:
    """Bootstrap samples of some stakes.

    Parameters
    ----------
    table : float64 (replicates, 2, 1002)
        As `Stakes.table`.
    labelled, unscored : float64 (replicates,)
        As in `Stakes`.
    source : str
        ``"counts"`` (one multinomial draw a sample) or ``"rows"`` (Poisson bootstrap).
    """

    table: FloatArray
    labelled: FloatArray
    unscored: FloatArray
    source: str


def draw_stakes(stakes: Stakes, *, seed: int) -> StakeDraws | None:
    """Draw bootstrap samples: of the counts where these are all there is, else of the rows.

    A multinomial draw of the counts has exactly the law of drawing the rows again. With weights or amounts it has
    not (fairness.md section 6); there each row is taken a Poisson(1) number of times.

    Returns
    -------
    StakeDraws or None
        None = weights or amounts, and the rows are gone or more than 200,000.
    """
    if stakes.amounts is None and not stakes.counts.is_weighted:
        return _draw_counts(stakes.counts, seed)
    rows = (stakes.counts if stakes.amounts is None else stakes.amounts).rows
    if rows is None or rows.score.size > MOST_ROWS or stakes.counts.rows is None:
        return None
    return _draw_rows(rows, stakes.counts.rows.weight, seed)


def _draw_counts(counts: GroupCounts, seed: int) -> StakeDraws:
    """Draw cells; all rows without a label lie in one more, so that the number of labelled ones varies too."""
    cells = counts.counts[0]
    flat = np.append(cells[: FAVOURABLE + 1].ravel(), cells[UNKNOWN].sum())
    draws = draw_counts(flat, replicates=COUNT_REPLICATES, seed=seed)[:, :-1].astype(np.float64)
    table = draws.reshape(COUNT_REPLICATES, FAVOURABLE + 1, N_CELLS)
    return StakeDraws(
        table=table,
        labelled=table.sum(axis=(1, 2)),
        unscored=table[:, :, NO_SCORE].sum(axis=1),
        source="counts",
    )


def _draw_rows(rows: CountedRows, weight: FloatArray | None, seed: int) -> StakeDraws:
    """Take every labelled row a Poisson number of times."""
    known = np.flatnonzero(rows.label < UNKNOWN)
    code = rows.label[known].astype(np.int64) * N_CELLS + rows.cell[known]
    unscored = rows.cell[known] == NO_SCORE
    value = np.ones(known.size) if rows.weight is None else rows.weight[known]
    size = np.ones(known.size) if weight is None else weight[known]
    table = np.empty((ROW_REPLICATES, (FAVOURABLE + 1) * N_CELLS))
    labelled, without = np.empty(ROW_REPLICATES), np.empty(ROW_REPLICATES)
    rng = np.random.default_rng(seed)
    for i in range(ROW_REPLICATES):
        times = rng.poisson(1.0, known.size)
        table[i] = np.bincount(code, weights=times * value, minlength=table.shape[1])
        taken = times * size
        labelled[i], without[i] = taken.sum(), taken[unscored].sum()
    shape = (ROW_REPLICATES, FAVOURABLE + 1, N_CELLS)
    return StakeDraws(table=table.reshape(shape), labelled=labelled, unscored=without, source="rows")
