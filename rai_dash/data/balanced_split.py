"""A test fold with a least and a most number of rows in every label × group cell; copies of a row stay on one side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.data.column_facts import ColumnFacts
from rai_dash.data.dataset import Dataset
from rai_dash.data.duplicates import row_hashes
from rai_dash.data.groups import MAX_CROSS, GroupIndex, group_index

Positions = NDArray[np.int64]
CAVEAT: Final = mark(
    "A balanced test fold has other shares of outcomes and groups than the population. Recall and false positive rate "
    "within a group stay right on it; precision, accuracy, the approval rate, and any figure for everybody do not."
)


@dataclass(frozen=True, slots=True)
class SplitCell:
    """One label × group cell: its rows, and how they are divided."""

    label: int
    group: str
    n: int
    train: int
    test: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancedSplit:
    """Which rows to train on and which to test on.

    Parameters
    ----------
    train, test : int64
        Positions in the table, ascending; no row in both.
    left_out : int64
        Positions of rows with an unknown outcome, on neither side.
    cells : tuple of SplitCell
        Cells with rows, unfavourable (0) before favourable (1).
    kept_together : int
        Labelled rows that share all features with another one, and stand on its side.
    """

    train: Positions
    test: Positions
    left_out: Positions
    cells: tuple[SplitCell, ...]
    kept_together: int


def balanced_split(
    dataset: Dataset,
    *,
    by: str | None,
    per_cell_min: int,
    per_cell_max: int | None,
    test_share: float,
    seed: int,
) -> BalancedSplit:
    """Draw a test fold with bounds on every label × group cell.

    Parameters
    ----------
    dataset : Dataset
        With an outcome.
    by : str or None
        Column whose groups are crossed with the outcome; None = the outcome alone.
    per_cell_min, per_cell_max : int
        Least and most rows of a cell in the test fold; None = no limit.
    test_share : float
        In (0, 1): what is drawn from each cell, as far as the bounds allow.
    seed : int
        Of the draw.

    Returns
    -------
    BalancedSplit
        Rows with the same features (`Dataset.features`) are on one side, whatever their labels and groups.

    Raises
    ------
    InvalidChoice
        When the bounds contradict each other, a cell has no row beyond the least, or rows with the same features are
        so many that the bounds cannot be met.

    Notes
    -----
    Every cell is given a target: the share of its rows, moved into the bounds. Clusters of rows with the same features
    are visited in random order, and drawn while no cell they touch passes its target; a second round fills cells below
    the least up to the most.
    """
    _check_bounds(per_cell_min, per_cell_max, test_share)
    labelled = np.flatnonzero(dataset.outcome != UNKNOWN)
    groups = _groups(dataset, by)
    cell = (dataset.outcome[labelled].astype(np.int64) * groups.n_groups + groups.codes[labelled]).astype(
        np.int64
    )
    sizes = np.bincount(cell, minlength=2 * groups.n_groups)
    _check_cells(sizes, groups, per_cell_min)
    target, most = _targets(sizes, per_cell_min, per_cell_max, test_share)
    cluster = np.unique(_hashes(dataset)[labelled], return_inverse=True)[1].astype(np.int64)
    drawn = _draw(cluster, cell, target, most, least=per_cell_min, seed=seed)
    in_test = drawn[cluster]
    taken = np.bincount(cell[in_test], minlength=sizes.size)
    _check_least(taken, sizes, groups, per_cell_min)
    return BalancedSplit(
        train=labelled[~in_test],
        test=labelled[in_test],
        left_out=np.flatnonzero(dataset.outcome == UNKNOWN),
        cells=tuple(
            SplitCell(
                i // groups.n_groups,
                groups.groups[i % groups.n_groups],
                int(n),
                int(n - taken[i]),
                int(taken[i]),
            )
            for i, n in enumerate(sizes)
            if n
        ),
        kept_together=int((np.bincount(cluster)[cluster] > 1).sum()) if cluster.size else 0,
    )


def _check_bounds(least: int, most: int | None, share: float) -> None:
    if least < 0 or (most is not None and most < max(least, 1)):
        msg = tr(
            "The test fold needs 0 <= least <= most rows a cell, got {least} and {most}. Raise the most.",
            least=least,
            most=most,
        )
        raise InvalidChoice(msg)
    if not 0.0 < share < 1.0:
        msg = tr(
            "The share of test rows must lie between 0 and 1, got {share}. Choose 0.2, for example.",
            share=f"{share:g}",
        )
        raise InvalidChoice(msg)


def _groups(dataset: Dataset, by: str | None) -> GroupIndex:
    if by is None:
        return GroupIndex("", ("everyone",), np.zeros(dataset.n_rows, dtype=np.int32))
    found = group_index(dataset.frame, by, bins=dataset.roles.bins.get(by))
    if found.n_groups > MAX_CROSS:
        msg = tr(
            "`{by}` has {n_groups} groups, at most {max_cross} can be balanced. Choose another column.",
            by=by,
            n_groups=f"{found.n_groups:,}",
            max_cross=f"{MAX_CROSS:,}",
        )
        raise InvalidChoice(msg)
    return found


def _hashes(dataset: Dataset) -> NDArray[np.uint64]:
    facts = [ColumnFacts(dataset.frame[name]) for name in dataset.features]
    return row_hashes(facts, lambda c: c.hashes) if facts else np.arange(dataset.n_rows, dtype=np.uint64)


def _name(position: int, groups: GroupIndex) -> str:
    label = "favourable" if position // groups.n_groups == FAVOURABLE else "unfavourable"
    group = groups.groups[position % groups.n_groups]
    return f"{label} outcomes of `{group}`" if groups.column else f"{label} outcomes"


def _check_cells(sizes: NDArray[np.int64], groups: GroupIndex, least: int) -> None:
    if not sizes.any():
        msg = tr(
            "No row has a known outcome, so there is nothing to split. Name the target and its favourable "
            "value."
        )
        raise InvalidChoice(msg)
    scarce = np.flatnonzero((sizes > 0) & (sizes <= least))
    if scarce.size:
        at = int(scarce[np.argmin(sizes[scarce])])
        msg = tr(
            "There are {sizes} {name}: with at least {least} in the test fold none would be left to "
            "train on. Lower the least number, or gather more such rows.",
            sizes=f"{int(sizes[at]):,}",
            name=_name(at, groups),
            least=f"{least:,}",
        )
        raise InvalidChoice(msg)


def _targets(
    sizes: NDArray[np.int64], least: int, most: int | None, share: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows of each cell to be drawn, and at most to be drawn: one is always left to train on."""
    room = np.maximum(sizes - 1, 0)
    limit = room if most is None else np.minimum(room, most)
    wanted = np.rint(share * sizes).astype(np.int64)
    return np.minimum(np.maximum(wanted, least), limit), limit


def _draw(
    cluster: Positions,
    cell: NDArray[np.int64],
    target: NDArray[np.int64],
    most: NDArray[np.int64],
    *,
    least: int,
    seed: int,
) -> NDArray[np.bool_]:
    """Choose the clusters of the test fold, bool (clusters,)."""
    n_clusters = int(cluster.max(initial=-1)) + 1
    pairs, rows = np.unique(cluster * target.size + cell, return_counts=True)
    owner, place = np.divmod(pairs, target.size)
    ends = np.searchsorted(owner, np.arange(n_clusters + 1)).tolist()
    places, counts = place.tolist(), rows.tolist()
    order = np.random.default_rng(seed).permutation(n_clusters).tolist()
    drawn = np.zeros(n_clusters, dtype=bool)
    taken = [0] * target.size
    short = [least] * target.size
    for limit, is_second in ((target.tolist(), False), (most.tolist(), True)):
        for c in order:
            span = range(ends[c], ends[c + 1])
            if drawn[c] or any(taken[places[i]] + counts[i] > limit[places[i]] for i in span):
                continue
            if is_second and all(taken[places[i]] >= short[places[i]] for i in span):
                continue
            drawn[c] = True
            for i in span:
                taken[places[i]] += counts[i]
    return drawn


def _check_least(taken: NDArray[np.int64], sizes: NDArray[np.int64], groups: GroupIndex, least: int) -> None:
    missed = np.flatnonzero((sizes > 0) & (taken < least))
    if missed.size:
        at = int(missed[0])
        msg = tr(
            "Only {taken} {name} could be put into the test fold, fewer than {least}: rows with the same "
            "features have to stay together. Lower the least number, or raise the most.",
            taken=f"{int(taken[at]):,}",
            name=_name(at, groups),
            least=f"{least:,}",
        )
        raise InvalidChoice(msg)
